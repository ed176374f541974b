//! The ledger: who has how much, and why.
//!
//! An **account** is an owner and a currency: a user's wallet, or an account of ours or of the world ([`account`]). Over all
//! accounts a currency sums to zero, always.
//!
//! Money moves in one way only: by a [`Posting`], which is booked in one transaction of four kinds of items.
//!
//! - The **guard** is the conditional write that can succeed only once for this cause: the record of a request's
//!   idempotency key, the step of a payment, withdrawal, refund, hold or approval, or a chapter's own counter. Who comes
//!   again finds it, and is answered as the first one was.
//! - The **journal entry** ([`Entry`]) has all legs and says why. It is never changed: what was wrong is reversed by
//!   another posting ([`reversal`]).
//! - Each wallet concerned gets a **line** ([`Line`]), so that its statement is a query,
//! - and its one **balance** item ([`Wallet`]) is changed under floor, cap and status.
//!
//! Accounts that are no wallets have no item: their balance is the sum of the journal.
//!
//! A [`Hold`] sets money of a wallet aside. Nothing leaves the wallet by that, so there is no journal entry; a capture is a
//! posting out of what is held. What gateways say is kept as [`Fact`]s and applied as a set ([`settle`]).
//!
//! This module decides; `store::ledger` keeps.

pub mod account;
pub mod approval;
pub mod currency;
pub mod error;
pub mod fact;
pub mod fees;
pub mod hold;
pub mod id;
pub mod journal;
pub mod limits;
pub mod money;
pub mod payment;
pub mod posting;
pub mod refund;
pub mod reversal;
pub mod settle;
pub mod signature;
pub mod split;
pub mod wallet;
pub mod withdrawal;

pub use account::{Account, Gateway, System};
pub use approval::Approval;
pub use currency::Currency;
pub use error::{LedgerError, Malformed};
pub use fact::Fact;
pub use fees::{Breakdown, FeeRule};
pub use hold::{Hold, Rest};
pub use journal::{Counterparty, CounterpartyKind, Entry, Kind, Leg, Line, Reference};
pub use money::{Money, Positive};
pub use payment::Payment;
pub use posting::{Effect, Posting};
pub use refund::Refund;
pub use reversal::{Original, Shortfall};
pub use settle::{Step, settle};
pub use split::split;
pub use wallet::{Balance, Inflow, Wallet};
pub use withdrawal::Withdrawal;
