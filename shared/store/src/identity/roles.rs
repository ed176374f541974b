//! Roles: on the account, where they decide; and an item for each, which says when, by whom and why.

use domain::Time;
use domain::audit::Entry;
use domain::event::Event;
use domain::identity::{Account, Reason, Role};
use serde::{Deserialize, Serialize};

use super::accounts::{changed, place};
use super::administrators;
use crate::audit::entry_item;
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem};
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
    /// There is an administrator.
    NotFirst,
}

impl Store {
    /// Turns `before` into `after`, which has role `administrator`, unless there is an administrator. Of
    /// any number of callers one succeeds. `event` rides on the role's item; `entry` says who did it and why.
    pub async fn make_first_administrator(
        &self,
        before: &Account,
        after: &Account,
        entry: &Entry,
        event: Event,
    ) -> Result<(), WriteError<GrantRefusal>> {
        let (by, reason) = (entry.actor.actor_id.clone(), entry.act.reason.clone());
        let grant = Grant { granted_at: after.updated_at, by, reason };
        let writes = vec![
            administrators::begin(after.id, GrantRefusal::NotFirst),
            changed(before, after, GrantRefusal::Changed)?,
            granted(after, Role::Administrator, &grant, Some(event), GrantRefusal::Held)?,
            entry_item(entry, &[])?,
        ];
        self.transact(writes).await
    }
}

/// The item of a role that an account gets; `event` rides on it.
pub(super) fn granted<E>(
    account: &Account,
    role: Role,
    grant: &Grant,
    event: Option<Event>,
    held: E,
) -> Result<Write<E>, StoreError> {
    let item = role_item(account, role, grant)?;
    let item = match event {
        Some(event) => item.telling(&[event])?,
        None => item,
    };
    Ok(Write::put(item).if_absent().or(held))
}

/// The item of a role, in the list of those who have it.
pub(super) fn role_item(account: &Account, role: Role, grant: &Grant) -> Result<NewItem, StoreError> {
    let list = keys::role_list(role, keys::shard(account.id));
    Ok(NewItem::of(keys::role(account.id, role), grant)?.listed(list, place(account)))
}
