//! API keys: one item each, in the partition of their owner, whom the key's text names.

use domain::audit::Entry;
use domain::event::Event;
use domain::identity::api_key::{KEPT_SECONDS, MAX_DAYS, USE_NOTED_SECONDS};
use domain::identity::{Account, ApiKey};
use domain::time::DAY;
use domain::{Id, Time, id};

use crate::audit::entry_item;
use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Item, Kept, NewItem, number, read, text};
use crate::once::{self, Record};
use crate::read::{Freshness, Range};
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for ApiKey {
    const V: u32 = 1;
}

/// Why a key was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// Another one was made since the account was read.
    AnotherMade,
    /// The same request was answered meanwhile.
    Repeated,
}

/// A key that ends, and what is told of it.
#[derive(Clone, Debug)]
pub struct EndedKey {
    /// Which one.
    pub key: ApiKey,
    /// What is told.
    pub event: Event,
    /// What the trail says.
    pub entry: Entry,
}

impl Store {
    /// An account and one of its keys. One call.
    pub async fn account_and_key(
        &self,
        user: Id<id::User>,
        key: Id<id::ApiKey>,
        freshness: Freshness,
    ) -> Result<(Option<Account>, Option<ApiKey>), StoreError> {
        let wanted = [keys::account(user), keys::api_key(user, key)];
        let found = self.get_many(Table::Core, &wanted, freshness).await?;
        let mut found = found.into_iter().map(Option::unwrap_or_default);
        let mut next = || found.next().filter(|item| !item.is_empty());
        Ok((next().map(read).transpose()?, next().map(read).transpose()?))
    }

    /// A key of an account.
    pub async fn api_key(&self, user: Id<id::User>, key: Id<id::ApiKey>) -> Result<Option<ApiKey>, StoreError> {
        self.get_raw(Table::Core, &keys::api_key(user, key), Freshness::Strong).await?.map(read).transpose()
    }

    /// The living keys of an account, oldest first.
    pub async fn living_keys(&self, user: Id<id::User>, now: Time) -> Result<Vec<ApiKey>, StoreError> {
        let oldest: Id<id::ApiKey> = Id::new(now.plus_seconds(-i64::from(MAX_DAYS) * DAY), [0; 10]);
        let range = Range {
            pk: keys::user_partition(user),
            from: format!("{}{oldest}", keys::API_KEYS),
            to: format!("{}~", keys::API_KEYS),
            attributes: &[],
        };
        let items = self.range(range, Freshness::Strong).await?;
        let all: Vec<ApiKey> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(all.into_iter().filter(|key| key.is_living(now)).collect())
    }

    /// Keeps a new key of `owner`, unless another one was made since `owner` was read: whoever counted the keys after
    /// that has counted right. `event` rides on the key.
    pub async fn add_api_key(
        &self,
        owner: &Account,
        key: &ApiKey,
        event: Event,
        entry: &Entry,
        answer: Option<&Record>,
    ) -> Result<(), WriteError<KeyRefusal>> {
        let item = NewItem::of(keys::api_key(key.user, key.id), key)?;
        let item = item.expiring(key.expires_at.plus_seconds(KEPT_SECONDS)).telling(&[event])?;
        let counted = Changes::default().add("keysMade", number(1));
        let head = Write::update(keys::account(key.user), counted).when(no_key_made_since(owner));
        let mut writes = once::kept(answer, KeyRefusal::Repeated)?;
        writes.extend([head.or(KeyRefusal::AnotherMade), Write::put(item), entry_item(entry, &[])?]);
        self.transact(writes).await
    }

    /// Ends a key; one that has ended already stays as it is, and nobody is told again.
    pub async fn revoke_api_key(&self, ended: EndedKey, now: Time) -> Result<(), StoreError> {
        let living = Condition::All(vec![Condition::Present("pk"), Condition::Absent("revokedAt")]);
        match self.transact(revoked(&ended, now, living, ())?).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Notes that a key was used, unless that was noted less than an hour ago.
    pub async fn note_key_use(&self, key: &ApiKey, now: Time) -> Result<(), StoreError> {
        let gone = key.expires_at.plus_seconds(KEPT_SECONDS).seconds();
        let used = Changes::default().set("lastUsedAt", text(now)).set("ttl", number(gone));
        let long_ago = Condition::Less("lastUsedAt", text(now.plus_seconds(-USE_NOTED_SECONDS)));
        let may = Condition::Any(vec![Condition::Absent("pk"), long_ago]);
        match self.update(Table::Transient, &keys::key_use(key.id), &used, &may).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// When each of these keys was last used, give or take an hour. One call.
    pub async fn last_uses(&self, of: &[ApiKey]) -> Result<Vec<Option<Time>>, StoreError> {
        let wanted: Vec<_> = of.iter().map(|key| keys::key_use(key.id)).collect();
        let found = self.get_many(Table::Transient, &wanted, Freshness::Eventual).await?;
        let used = |item: Item| outbox::as_text(item.get("lastUsedAt")).and_then(|at| at.parse().ok());
        Ok(found.into_iter().map(|item| item.and_then(used)).collect())
    }
}

/// That the account has as many keys behind it as when it was read.
pub(super) fn no_key_made_since(owner: &Account) -> Condition {
    match owner.keys_made {
        0 => Condition::All(vec![Condition::Present("pk"), Condition::Absent("keysMade")]),
        made => Condition::Equals("keysMade", number(made)),
    }
}

/// The end of a key, as its item shows it.
pub(super) fn closed<E>(key: &ApiKey, now: Time) -> Write<E> {
    let gone = now.plus_seconds(KEPT_SECONDS).seconds();
    let changes = Changes::default().set("revokedAt", text(now)).set("ttl", number(gone));
    Write::update(keys::api_key(key.user, key.id), changes)
}

/// Everything that the end of a key is made of.
pub(super) fn revoked<E>(ended: &EndedKey, now: Time, when: Condition, or: E) -> Result<Vec<Write<E>>, StoreError> {
    let write = closed(&ended.key, now).when(when).or(or);
    let told = outbox::event_item(ended.key.user, ended.event.clone())?;
    Ok(vec![write, told, entry_item(&ended.entry, &[])?])
}
