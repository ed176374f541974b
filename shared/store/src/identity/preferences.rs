//! Preferences: one item of their person, absent until something was changed.

use domain::identity::Preferences;
use domain::{Id, id};

use crate::condition::Condition;
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read};
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
