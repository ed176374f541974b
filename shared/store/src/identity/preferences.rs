//! Preferences: one item of their person, absent until something was changed.

use domain::identity::{Account, Preferences};
use domain::{Id, id};

use crate::condition::Condition;
use crate::error::{StoreError, WriteError};
use crate::item::{Item, Kept, NewItem, number, read};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

/// Somebody changed the preferences since they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreferencesChanged;

impl Kept for Preferences {
    const V: u32 = 1;
}

impl Store {
    /// A person and what they want to be told, as both are by now; `None` when there is no such account any more.
    pub async fn person_to_tell(&self, user: Id<id::User>) -> Result<Option<(Account, Preferences)>, StoreError> {
        let found =
            self.get_many(Table::Core, &[keys::account(user), keys::preferences(user)], Freshness::Strong).await?;
        let [Some(account), preferences] = <[Option<Item>; 2]>::try_from(found).unwrap_or_default() else {
            return Ok(None);
        };
        Ok(Some((read(account)?, preferences.map(read).transpose()?.unwrap_or_default())))
    }

    /// What a person wants to be told.
    pub async fn preferences(&self, user: Id<id::User>) -> Result<Preferences, StoreError> {
        let item = self.get_raw(Table::Core, &keys::preferences(user), Freshness::Strong).await?;
        Ok(item.map(read).transpose()?.unwrap_or_default())
    }

    /// Replaces the preferences `before` by `after`. One write.
    pub async fn change_preferences(
        &self,
        user: Id<id::User>,
        before: &Preferences,
        after: &Preferences,
    ) -> Result<(), WriteError<PreferencesChanged>> {
        let item = NewItem::of(keys::preferences(user), after)?;
        let unchanged = match before.version {
            0 => Condition::Absent("pk"),
            version => Condition::Equals("version", number(version)),
        };
        self.put(Write::put(item).when(unchanged).or(PreferencesChanged)).await
    }
}
