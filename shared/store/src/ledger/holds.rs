//! Holds: available ⇄ held of one wallet. Nothing leaves it, so there is no journal entry; the hold's item says what part of
//! what is held is its own.

use domain::event::Event;
use domain::ledger::hold::{Change, Status};
use domain::ledger::{Effect, Hold, Inflow, LedgerError, Money, id as ledger_id};
use domain::{Id, Time, id};

use super::commit::{Done, Refusal};
use super::{Guard, NotBooked, Posted, balances};
use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Item, Kept, NewItem, number, read};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for Hold {
    const V: u32 = 1;
}

impl Store {
    /// Sets aside what `hold`, which begins now, says. `events` ride along.
    ///
    /// # Errors
    /// Why not; then nothing was written.
    pub async fn hold<E>(
        &self,
        hold: &Hold,
        guard: Write<()>,
        also: Vec<Write<E>>,
        events: &[Event],
    ) -> Result<Posted<Hold>, NotBooked<E>> {
        let item = NewItem::of(keys::hold(hold.user, hold.id), hold)?;
        let item = if events.is_empty() { item } else { item.telling(events)? };
        let made = Write::put(item).if_absent().or(Refusal::Is(LedgerError::Contended));
        let held = moved(hold, hold.amount.minor());
        self.keep(hold.id.to_string(), hold, guard, vec![made, held], also).await
    }

    /// Sets more aside.
    ///
    /// # Errors
    /// Why not; then nothing was written.
    pub async fn raise_hold<E>(
        &self,
        hold: &Hold,
        more: Money,
        now: Time,
        guard: Guard,
        also: Vec<Write<E>>,
    ) -> Result<Posted<Hold>, NotBooked<E>> {
        let after = hold.transition(Change::Raise(more), now)?;
        self.change_hold(hold, after, guard, also, None).await
    }

    /// Lets a part be spent again, or all that is left; its step is the guard. `event` rides along.
    ///
    /// # Errors
    /// Why not; then nothing was written.
    pub async fn release_hold<E>(
        &self,
        hold: &Hold,
        part: Option<Money>,
        now: Time,
        also: Vec<Write<E>>,
        event: Option<Event>,
    ) -> Result<Posted<Hold>, NotBooked<E>> {
        let after = hold.transition(Change::Release(part), now)?;
        self.change_hold(hold, after, Guard::hold_step(), also, event).await
    }

    /// Ends a hold whose time is over. `event` rides along.
    ///
    /// # Errors
    /// Why not; then nothing was written.
    pub async fn expire_hold(
        &self,
        hold: &Hold,
        now: Time,
        event: Option<Event>,
    ) -> Result<Posted<Hold>, NotBooked<()>> {
        let after = hold.transition(Change::Expire, now)?;
        self.change_hold(hold, after, Guard::hold_step(), Vec::new(), event).await
    }

    /// Lets a hold last until another time; no money moves.
    ///
    /// # Errors
    /// Why not; then nothing was written.
    pub async fn extend_hold(&self, hold: &Hold, until: Time, now: Time) -> Result<Posted<Hold>, NotBooked<()>> {
        let after = hold.transition(Change::Extend(until), now)?;
        self.change_hold(hold, after, Guard::hold_step(), Vec::new(), None).await
    }

    /// Somebody's hold.
    pub async fn hold_of(&self, user: Id<id::User>, hold: Id<ledger_id::Hold>) -> Result<Option<Hold>, StoreError> {
        self.get_raw(Table::Core, &keys::hold(user, hold), Freshness::Strong).await?.map(read).transpose()
    }

    async fn change_hold<E>(
        &self,
        before: &Hold,
        after: Hold,
        guard: Guard,
        also: Vec<Write<E>>,
        event: Option<Event>,
    ) -> Result<Posted<Hold>, NotBooked<E>> {
        let mut writes = Vec::new();
        let guard = match guard.0 {
            Some(guard) => {
                writes.push(step(before, &after, Refusal::Asks(Box::new(why_not)))?);
                guard
            }
            None => step(before, &after, ())?,
        };
        let change = after.left().minor() - before.left().minor();
        if change != 0 {
            writes.push(moved(before, change));
        }
        if let Some(event) = event {
            writes.push(outbox::event_item(before.user, event)?);
        }
        // Of two who make the same step only one has made it: each is known by a name of its own.
        let by = format!("{}#{}", after.id, self.new_transaction_id()?);
        self.keep(by, &after, guard, writes, also).await
    }

    async fn keep<E>(
        &self,
        by: String,
        after: &Hold,
        guard: Write<()>,
        mut writes: Vec<Write<Refusal<E>>>,
        also: Vec<Write<E>>,
    ) -> Result<Posted<Hold>, NotBooked<E>> {
        writes.extend(also.into_iter().map(|write| write.meaning(Refusal::Also)));
        Ok(match self.commit(&by, guard, writes).await? {
            Done::Now => Posted::Now(after.clone()),
            Done::Before(earlier) => Posted::Before(earlier),
        })
    }
}

/// The step of a hold from `before` to `after`, if nobody made another meanwhile.
pub(super) fn step<E>(before: &Hold, after: &Hold, refusal: E) -> Result<Write<E>, StoreError> {
    let item = NewItem::of(keys::hold(after.user, after.id), after)?;
    Ok(Write::put(item).when(Condition::Equals("step", number(before.step))).or(refusal))
}

/// Why a step could not be made: the hold has ended, or somebody else made one.
pub(super) fn why_not(there: Option<Item>) -> LedgerError {
    let there: Option<Hold> = there.and_then(|item| read(item).ok());
    match there {
        Some(hold) if hold.status == Status::Active => LedgerError::Contended,
        _ => LedgerError::HoldNotActive,
    }
}

/// So many minor units from what may be spent to what is held, or back when they are negative.
fn moved<E>(hold: &Hold, minor: i64) -> Write<Refusal<E>> {
    let (user, currency) = (hold.user, hold.amount.currency());
    let effect = Effect { user, currency, available: -minor, held: minor, owed: 0 };
    balances::changed(user, &[effect], Inflow::Payment, None)
}
