//! Second factors: one item beside the account, so that reading an account brings no secret along.

use domain::audit::Entry;
use domain::event::Event;
use domain::identity::mfa::{MAX_MISSES, SIGN_IN_SECONDS};
use domain::identity::{Account, SecondFactor, Session};
use domain::{Id, Time, id};

use super::accounts::changed;
use super::credentials::ended;
use super::sessions::session_item;
use crate::audit::entry_item;
use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read, text};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for SecondFactor {
    const V: u32 = 1;
}

/// Why a factor was not changed, or not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorRefusal {
    /// It was changed or used since it was read.
    Changed,
    /// One is active already.
    Active,
    /// This sign-in has its session already.
    SignedIn,
}

/// An account whose factor comes or goes, and what is told of it.
#[derive(Debug)]
pub struct FactorAct<'a> {
    /// The account as it was read.
    pub before: &'a Account,
    /// As it will be.
    pub after: &'a Account,
    /// What is told.
    pub event: Event,
    /// What the trail says.
    pub entry: Entry,
}

impl Store {
    /// The second factor of an account, active or waiting.
    pub async fn second_factor(&self, user: Id<id::User>) -> Result<Option<SecondFactor>, StoreError> {
        self.get_raw(Table::Core, &keys::second_factor(user), Freshness::Strong).await?.map(read).transpose()
    }

    /// An account, its second factor, and the session that a sign-in is about to begin. One call.
    pub async fn signing_in(
        &self,
        user: Id<id::User>,
        session: Id<id::Session>,
    ) -> Result<(Option<Account>, Option<SecondFactor>, Option<Session>), StoreError> {
        let wanted = [keys::account(user), keys::second_factor(user), keys::session(user, session)];
        let found = self.get_many(Table::Core, &wanted, Freshness::Strong).await?;
        let mut found = found.into_iter().map(Option::unwrap_or_default);
        let mut next = || found.next().filter(|item| !item.is_empty());
        Ok((next().map(read).transpose()?, next().map(read).transpose()?, next().map(read).transpose()?))
    }

    /// Counts a try of a sign-in's second factor before it is looked at; `false` when there were too many.
    pub async fn count_try(&self, session: Id<id::Session>, now: Time) -> Result<bool, StoreError> {
        let gone = now.plus_seconds(2 * SIGN_IN_SECONDS).seconds();
        let one_more = Changes::default().set("ttl", number(gone)).add("count", number(1));
        let may = Condition::Any(vec![Condition::Absent("pk"), Condition::Less("count", number(MAX_MISSES))]);
        match self.update(Table::Transient, &keys::sign_in(session), &one_more, &may).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Keeps a factor that waits for its first code, in place of one that waited before.
    pub async fn begin_factor(&self, factor: &SecondFactor) -> Result<(), WriteError<FactorRefusal>> {
        let item = NewItem::of(keys::second_factor(factor.user), factor)?;
        self.put(Write::put(item).when(Condition::Absent("confirmedAt")).or(FactorRefusal::Active)).await
    }

    /// Makes a factor active and ends `sessions`.
    pub async fn enable_factor(
        &self,
        act: FactorAct<'_>,
        factor: [&SecondFactor; 2],
        sessions: &[Session],
    ) -> Result<(), WriteError<FactorRefusal>> {
        let mut writes = vec![taken(factor)?];
        writes.extend(sessions.iter().map(|session| ended(session, act.after.updated_at, FactorRefusal::Changed)));
        writes.extend(told(act)?);
        self.transact(writes).await
    }

    /// Removes a factor if it still is `factor`; whatever it is by now when none is named.
    pub async fn remove_factor(
        &self,
        act: FactorAct<'_>,
        factor: Option<&SecondFactor>,
    ) -> Result<(), WriteError<FactorRefusal>> {
        let delete = Write::delete(keys::second_factor(act.after.id));
        let mut writes = vec![match factor {
            Some(factor) => delete.when(unchanged(factor)).or(FactorRefusal::Changed),
            None => delete,
        }];
        writes.extend(told(act)?);
        self.transact(writes).await
    }

    /// Uses a code, for an act that changes nothing but the factor.
    pub async fn change_factor(
        &self,
        factor: [&SecondFactor; 2],
        entry: &Entry,
    ) -> Result<(), WriteError<FactorRefusal>> {
        self.transact(vec![taken(factor)?, entry_item(entry, &[])?]).await
    }

    /// Uses a code and begins the session that it was shown for: both or none, each once. `events` ride on the session.
    pub async fn sign_in_with_factor(
        &self,
        factor: [&SecondFactor; 2],
        session: &Session,
        events: &[Event],
    ) -> Result<(), WriteError<FactorRefusal>> {
        let begun = Write::put(session_item(session, events)?).if_absent().or(FactorRefusal::SignedIn);
        self.transact(vec![begun, taken(factor)?]).await
    }
}

fn told(act: FactorAct<'_>) -> Result<Vec<Write<FactorRefusal>>, StoreError> {
    let head = changed(act.before, act.after, FactorRefusal::Changed)?;
    Ok(vec![head, outbox::event_item(act.after.id, act.event)?, entry_item(&act.entry, &[])?])
}

fn unchanged(factor: &SecondFactor) -> Condition {
    let version = Condition::Equals("version", number(factor.version));
    Condition::All(vec![version, Condition::Equals("secret", text(&factor.secret))])
}

fn taken([before, after]: [&SecondFactor; 2]) -> Result<Write<FactorRefusal>, StoreError> {
    let key = keys::second_factor(after.user);
    let items = (NewItem::of(key.clone(), before)?, NewItem::of(key.clone(), after)?);
    let changes = Changes::between(&items.0.item, &items.1.item);
    Ok(Write::update(key, changes).when(unchanged(before)).or(FactorRefusal::Changed))
}
