//! The ledger: what gateways say, what wallets hold, and that no unit is lost between them.

mod signatures;
