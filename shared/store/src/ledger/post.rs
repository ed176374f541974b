//! Booking: the one way in which money moves.

use std::collections::BTreeMap;

use domain::ledger::id::Transaction;
use domain::ledger::{Effect, Inflow, LedgerError, Posting, Shortfall};
use domain::{Id, id};

use super::commit::{Done, Refusal};
use super::holds::{step, why_not};
use super::{Earlier, NotBooked, balances, journal, machine_time};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{NewItem, number};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, keys};

/// A transaction's id is taken when it is booked; what is older than this would be written into the past.
const OLDEST_MILLIS: i64 = 30_000;

/// What makes something happen once.
pub struct Guard(pub(super) Option<Write<()>>);

impl Guard {
    /// A write of the caller's that can succeed once for this cause.
    pub fn by(write: Write<()>) -> Guard {
        Guard(Some(write))
    }

    /// The step of the hold that is captured or changed: the caller's own record says which step comes next.
    pub fn hold_step() -> Guard {
        Guard(None)
    }
}

/// Whether something was done now.
#[derive(Debug)]
pub enum Posted<T> {
    /// It was, and this is what was made.
    Now(T),
    /// It had been done before.
    Before(Earlier),
}

impl Store {
    /// An id for a transaction that is to be booked at once; its time is that of the machine.
    pub fn new_transaction_id(&self) -> Result<Id<Transaction>, StoreError> {
        let mut random = [0; 10];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| StoreError::Refused("no randomness".into()))?;
        Ok(Id::new(machine_time(), random))
    }

    /// Books `posting` as `transaction`, once: with the guard, and all that is to happen with it, or not at all.
    ///
    /// # Errors
    /// Why not; then nothing was written.
    pub async fn post<E>(
        &self,
        transaction: Id<Transaction>,
        posting: &Posting,
        guard: Guard,
        also: Vec<Write<E>>,
    ) -> Result<Posted<Id<Transaction>>, NotBooked<E>> {
        if machine_time().millis_since(transaction.time()) > OLDEST_MILLIS {
            return Err(StoreError::Refused("nothing is written into the book's past".into()).into());
        }
        let covered = self.covered(posting).await?;
        let posting = covered.as_ref().unwrap_or(posting);
        let mut writes = Vec::new();
        let guard = match (guard.0, posting.capture_of()) {
            (Some(guard), None) => guard,
            (Some(guard), Some((before, after))) => {
                writes.push(step(before, after, Refusal::Asks(Box::new(why_not)))?);
                guard
            }
            (None, Some((before, after))) => step(before, after, ())?,
            (None, None) => return Err(StoreError::Refused("no hold is captured here".into()).into()),
        };
        let entry = journal::item(&posting.entry(transaction), posting.events())?;
        writes.push(Write::put(entry).if_absent().or(Refusal::Is(LedgerError::Contended)));
        if let Some((before, after, _)) = posting.reversal_of() {
            let left = NewItem::of(keys::reversals(before.transaction), after)?;
            let unchanged = match before.step {
                0 => Condition::Absent("pk"),
                step => Condition::Equals("step", number(step)),
            };
            writes.push(Write::put(left).when(unchanged).or(Refusal::Is(LedgerError::Contended)));
        }
        for line in posting.lines(transaction) {
            writes.push(Write::put(NewItem::of(keys::line(&line), &line)?));
        }
        let inflow = if posting.gives_back() { Inflow::GivenBack } else { Inflow::Payment };
        for (user, effects) in by_user(posting.effects()) {
            writes.push(balances::changed(user, &effects, inflow, Some(transaction.time())));
        }
        writes.extend(also.into_iter().map(|write| write.meaning(Refusal::Also)));
        Ok(match self.commit(&transaction.to_string(), guard, writes).await? {
            Done::Now => Posted::Now(transaction),
            Done::Before(earlier) => Posted::Before(earlier),
        })
    }

    /// A reversal that covers what payees lack, by what they have now; nothing when all have enough, or it must not.
    async fn covered<E>(&self, posting: &Posting) -> Result<Option<Posting>, NotBooked<E>> {
        let covers = posting.reversal_of().is_some_and(|(.., shortfall)| shortfall == Shortfall::Cover);
        let mut covered = None;
        for effect in posting.effects().into_iter().filter(|effect| covers && effect.available < 0) {
            let wallet = self.wallet(effect.user, Freshness::Strong).await?;
            let missing = wallet.cannot_bear(-effect.available, effect.currency);
            if let Some(missing) = missing.filter(|missing| !missing.is_zero()) {
                let so_far = covered.unwrap_or_else(|| posting.clone());
                covered = Some(so_far.covered(effect.user, missing)?);
            }
        }
        Ok(covered)
    }
}

/// Each user's.
fn by_user(effects: Vec<Effect>) -> BTreeMap<Id<id::User>, Vec<Effect>> {
    let mut users: BTreeMap<Id<id::User>, Vec<Effect>> = BTreeMap::new();
    for effect in effects {
        users.entry(effect.user).or_default().push(effect);
    }
    users
}
