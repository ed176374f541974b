//! One transaction of the ledger. What fails is told by which item failed, and the guard counts first: when it fails, this
//! has happened before, whatever else there is to say.

use std::time::Duration;

use domain::ledger::LedgerError;
use tokio::time::Instant;

use super::{Earlier, NotBooked};
use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, STAMP};
use crate::outbox::as_text;
use crate::transact::{Cancelled, Reason, Token};
use crate::write::Write;

/// What the failure of a write means, given the item that was there.
pub(super) enum Refusal<E> {
    /// Always the same.
    Is(LedgerError),
    /// It depends on what is there.
    Asks(Box<dyn FnOnce(Option<Item>) -> LedgerError + Send + Sync>),
    /// What the caller says.
    Also(E),
}

/// Whether it was done now.
pub(super) enum Done {
    Now,
    Before(Earlier),
}

const MAX_TRIES: u32 = 8;
const MAX_WAIT: Duration = Duration::from_secs(3);
const FIRST_PAUSE_MILLIS: u64 = 25;
const LONGEST_PAUSE_MILLIS: u64 = 800;

impl Store {
    /// All of it or nothing, once. `by` is what this is known by: an answer that gets lost is found by it.
    pub(super) async fn commit<E>(
        &self,
        by: &str,
        guard: Write<()>,
        writes: Vec<Write<Refusal<E>>>,
    ) -> Result<Done, NotBooked<E>> {
        let (first, _) = self.render(guard.stamped(STAMP, by))?;
        let mut items = vec![first];
        let mut refusals = vec![None];
        for write in writes {
            let (item, refusal) = self.render(write)?;
            items.push(item);
            refusals.push(refusal);
        }
        let begun = Instant::now();
        let mut attempt = 0;
        let mut token = Token::fresh();
        loop {
            attempt += 1;
            let error = match self.attempt(&items, &mut token).await {
                Ok(()) => return Ok(Done::Now),
                Err(Cancelled::Reasons(reasons)) => match judged(reasons, by, &mut refusals) {
                    Some(judged) => return judged,
                    None => LedgerError::Contended.into(),
                },
                // Perhaps it was done and only the answer was lost: then the guard says so.
                Err(Cancelled::Failed(StoreError::Unavailable(why))) => StoreError::Unavailable(why).into(),
                Err(Cancelled::Failed(error)) => return Err(error.into()),
            };
            let pause = pause_after(attempt);
            if attempt == MAX_TRIES || begun.elapsed() + pause > MAX_WAIT {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// What a cancelled transaction means; nothing when it is to be tried again.
fn judged<E>(
    mut reasons: Vec<Reason>,
    by: &str,
    refusals: &mut [Option<Refusal<E>>],
) -> Option<Result<Done, NotBooked<E>>> {
    let guard = reasons.first_mut()?;
    if guard.is_condition() {
        let there = guard.item.take().unwrap_or_default();
        let is_ours = as_text(there.get(STAMP)) == Some(by);
        return Some(Ok(if is_ours { Done::Now } else { Done::Before(Earlier(there)) }));
    }
    // While a twin is at the guard, what else fails may be its doing.
    if guard.is_passing() {
        return None;
    }
    let i = reasons.iter().position(Reason::is_condition)?;
    let there = reasons.get_mut(i).and_then(|reason| reason.item.take());
    Some(Err(match refusals.get_mut(i).and_then(Option::take) {
        Some(Refusal::Is(error)) => error.into(),
        Some(Refusal::Asks(ask)) => ask(there).into(),
        Some(Refusal::Also(name)) => NotBooked::Also(name),
        None => StoreError::Refused("a write failed that has no condition".into()).into(),
    }))
}

/// Anything up to 50, 100, 200 … ms: rivals that share nothing but chance spread best so.
fn pause_after(attempt: u32) -> Duration {
    let longest = (FIRST_PAUSE_MILLIS << attempt.min(16)).min(LONGEST_PAUSE_MILLIS);
    let mut bytes = [0u8; 4];
    let chance = aws_lc_rs::rand::fill(&mut bytes).map(|()| u64::from(u32::from_le_bytes(bytes))).unwrap_or(0);
    Duration::from_millis(longest * chance / u64::from(u32::MAX))
}
