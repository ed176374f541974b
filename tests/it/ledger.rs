//! The ledger: what gateways say, what wallets hold, and that no unit is lost between them.

mod book;
mod contention;
mod costs;
mod holds;
mod invariants;
mod model;
mod postings;
mod reversals;
mod signatures;
mod statement;
