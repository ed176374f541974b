//! How the ledger is kept. A posting is one transaction: its guard, the entry in the journal, and for each wallet a line and
//! the balance (`domain::ledger` says what these are). Whatever else happens with it rides in the same transaction.

pub(crate) mod balances;
mod commit;
mod holds;
pub(crate) mod journal;
mod lines;
mod post;
mod statement;

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Time;
use domain::ledger::{LedgerError, Malformed};

use crate::error::StoreError;
use crate::item::{Item, STAMP};
use crate::outbox::as_text;

pub use lines::{Direction, LineFilter};
pub use post::{Guard, Posted};
pub use statement::{Statement, Sums};

/// Why nothing was booked. `E` names the failures of what was to happen with it.
#[derive(Debug, thiserror::Error)]
pub enum NotBooked<E> {
    /// A rule of the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A condition of what was to happen with it.
    #[error("refused by what was to happen with it")]
    Also(E),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E> From<Malformed> for NotBooked<E> {
    fn from(error: Malformed) -> Self {
        NotBooked::Ledger(error.into())
    }
}

/// The machine's own time, also where a stage turns its clock: nothing is written into the book's past.
fn machine_time() -> Time {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// What the guard found: this has happened before.
#[derive(Clone, Debug)]
pub struct Earlier(Item);

impl Earlier {
    /// What was done then: a transaction's id, or a hold's. Nothing when the guard is written elsewhere too.
    pub fn by(&self) -> Option<&str> {
        as_text(self.0.get(STAMP))
    }
}
