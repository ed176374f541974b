//! Roles: on the account, where they decide; and an item for each, which says when, by whom and why.

use domain::Time;
use domain::audit::Entry;
use domain::event::Event;
use domain::identity::{Account, Reason, Role};
use serde::{Deserialize, Serialize};

use super::accounts::Owner;
use crate::audit::entry_item;
use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number};
use crate::write::Write;
use crate::{Store, keys};

/// How a role was obtained.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    pub granted_at: Time,
    /// An account's id, or the name of a tool.
    pub by: String,
    /// Absent where the account was made with the role.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Reason>,
}

impl Kept for Grant {
    const V: u32 = 1;
}

/// Why a role was not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantRefusal {
    /// Somebody changed the account since it was read.
    Changed,
    /// The account has the role.
    Held,
    /// Somebody became the first administrator before.
    NotFirst,
}

impl Store {
    /// Turns `before` into `after`, which has role `administrator`, unless there was a first administrator already. Of
    /// any number of callers one succeeds. `event` rides on the role's item; `entry` says who did it and why.
    pub async fn make_first_administrator(
        &self,
        before: &Account,
        after: &Account,
        entry: &Entry,
        event: Event,
    ) -> Result<(), WriteError<GrantRefusal>> {
        let claim = NewItem::of(keys::first_administrator(), &Owner { user: after.id })?;
        let mut writes = vec![Write::put(claim).if_absent().or(GrantRefusal::NotFirst)];
        let (by, reason) = (entry.actor.actor_id.clone(), entry.act.reason.clone());
        let grant = Grant { granted_at: after.updated_at, by, reason };
        writes.extend(grant_items(before, after, Role::Administrator, &grant, event)?);
        writes.push(entry_item(entry, &[])?);
        self.transact(writes).await
    }
}

/// What granting a role is made of: the account as it will be, and the role's item, which carries the event.
fn grant_items(
    before: &Account,
    after: &Account,
    role: Role,
    grant: &Grant,
    event: Event,
) -> Result<[Write<GrantRefusal>; 2], StoreError> {
    let key = keys::account(after.id);
    let items = (NewItem::of(key.clone(), before)?, NewItem::of(key.clone(), after)?);
    let changes = Changes::between(&items.0.item, &items.1.item);
    let unchanged = Condition::Equals("version", number(before.version));
    let item = NewItem::of(keys::role(after.id, role), grant)?.telling(&[event])?;
    Ok([
        Write::update(key, changes).when(unchanged).or(GrantRefusal::Changed),
        Write::put(item).if_absent().or(GrantRefusal::Held),
    ])
}
