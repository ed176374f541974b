//! Accounts, their addresses and usernames.

use domain::event::Event;
use domain::identity::address::AddressKey;
use domain::identity::{Account, Session};
use domain::{Id, Time, id};
use serde::{Deserialize, Serialize};

use super::administrators;
use super::api_keys::no_key_made_since;
use super::roles::{Grant, role_item};
use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read, text};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for Account {
    const V: u32 = 1;
}

/// Whose a unique text is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub user: Id<id::User>,
}

impl Kept for Owner {
    const V: u32 = 1;
}

/// Why a profile was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileRefusal {
    /// Somebody changed it since it was read.
    Changed,
    /// The username is somebody else's.
    UsernameTaken,
}

impl Store {
    /// Whose an address is.
    pub async fn owner_of(&self, address: &AddressKey) -> Result<Option<Id<id::User>>, StoreError> {
        let item = self.get_raw(Table::Core, &keys::address(address), Freshness::Strong).await?;
        item.map(|item| read::<Owner>(item).map(|owner| owner.user)).transpose()
    }

    /// An account.
    pub async fn account(&self, user: Id<id::User>) -> Result<Option<Account>, StoreError> {
        self.get_raw(Table::Core, &keys::account(user), Freshness::Strong).await?.map(read).transpose()
    }

    /// An account and one of its sessions. One call.
    pub async fn account_and_session(
        &self,
        user: Id<id::User>,
        session: Id<id::Session>,
        freshness: Freshness,
    ) -> Result<(Option<Account>, Option<Session>), StoreError> {
        let wanted = [keys::account(user), keys::session(user, session)];
        let mut found =
            self.get_many(Table::Core, &wanted, freshness).await?.into_iter().map(Option::unwrap_or_default);
        let mut next = || found.next().filter(|item| !item.is_empty());
        Ok((next().map(read).transpose()?, next().map(read).transpose()?))
    }

    /// Notes a sign-in. It is no change of the profile: its version stays.
    pub async fn note_login(&self, user: Id<id::User>, now: Time) -> Result<(), StoreError> {
        let changes = Changes::default().set("lastLoginAt", text(now));
        match self.update(Table::Core, &keys::account(user), &changes, &Condition::Present("pk")).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Makes an account that nobody registered; `event` rides along. Refused when its address has an owner.
    pub async fn add_account(&self, account: &Account, event: Event) -> Result<(), WriteError<()>> {
        self.transact(account_items(account, &account.id.to_string(), event, ())?).await
    }

    /// Tells something that changes nothing.
    pub async fn tell(&self, subject: Id<id::User>, event: Event) -> Result<(), StoreError> {
        match self.put(outbox::event_item::<()>(subject, event)?).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Turns `before` into `after` unless somebody else changed it meanwhile; moves the claim on the username.
    pub async fn change_account(
        &self,
        before: &Account,
        after: &Account,
        event: Event,
    ) -> Result<(), WriteError<ProfileRefusal>> {
        let mut writes = vec![changed(before, after, ProfileRefusal::Changed)?];
        writes.extend(username_moved(before, after, ProfileRefusal::UsernameTaken)?);
        writes.push(outbox::event_item(after.id, event)?);
        self.transact(writes).await
    }
}

/// The account's item, in the list of its status.
fn head(account: &Account) -> Result<NewItem, StoreError> {
    let list = keys::people_list(account.status, keys::shard(account.id));
    Ok(NewItem::of(keys::account(account.id), account)?.listed(list, place(account)))
}

/// Where somebody stands in every list of people.
pub(super) fn place(account: &Account) -> String {
    format!("{}#{}", account.created_at, account.id)
}

/// The account becomes `after` if it still is `before`.
pub(super) fn changed<E>(before: &Account, after: &Account, refusal: E) -> Result<Write<E>, StoreError> {
    let key = keys::account(after.id);
    let items = (head(before)?, head(after)?);
    // A key that was made meanwhile would outlive those that end with the account's change.
    let unchanged = Condition::Equals("version", number(before.version));
    let unchanged = Condition::All(vec![unchanged, no_key_made_since(before)]);
    Ok(Write::update(key, Changes::between(&items.0.item, &items.1.item)).when(unchanged).or(refusal))
}

/// The claim on the username follows the account.
pub(super) fn username_moved<E>(before: &Account, after: &Account, taken: E) -> Result<Vec<Write<E>>, StoreError> {
    let mut writes = Vec::new();
    if before.username != after.username {
        writes.extend(before.username.as_ref().map(|old| Write::delete(keys::username(old.as_str()))));
        if let Some(new) = &after.username {
            let claim = NewItem::of(keys::username(new.as_str()), &Owner { user: after.id })?;
            writes.push(Write::put(claim).if_absent().or(taken));
        }
    }
    Ok(writes)
}

/// Everything that a new account is made of: the claim on its address, which carries the event, the account, its roles.
pub(super) fn account_items<E>(
    account: &Account,
    by: &str,
    event: Event,
    taken: E,
) -> Result<Vec<Write<E>>, StoreError> {
    let claim = NewItem::of(keys::address(account.email.key()), &Owner { user: account.id })?.telling(&[event])?;
    let mut writes = vec![Write::put(claim).if_absent().or(taken), Write::put(head(account)?)];
    for role in &account.granted {
        let grant = Grant { granted_at: account.created_at, by: by.to_owned(), reason: None };
        writes.push(Write::put(role_item(account, *role, &grant)?));
    }
    writes.extend(administrators::joined_by(account));
    Ok(writes)
}
