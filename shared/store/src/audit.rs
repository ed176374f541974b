//! The audit trail: entries are put in the transaction of their act, and there is no way here to change or delete one.

use domain::Time;
use domain::audit::{Entry, KEPT_SECONDS};
use domain::event::Event;

use crate::error::StoreError;
use crate::item::{Kept, NewItem};
use crate::keys;
use crate::write::Write;

impl Kept for Entry {
    const V: u32 = 1;
}

/// The entry of a privileged act, for the act's transaction; `events` may ride on it.
pub(crate) fn entry_item<E>(entry: &Entry, events: &[Event]) -> Result<Write<E>, StoreError> {
    let list = keys::audit_list(&month(entry.at), keys::shard(entry.id));
    // The id makes places unique, so that a cursor names one entry.
    let place = format!("{}#{}#{}#{}", entry.at, entry.actor.actor_id, entry.act.action, entry.id);
    let item = NewItem::of(keys::audit(&entry.act.target_id, entry.id), entry)?;
    let item = item.expiring(entry.at.plus_seconds(KEPT_SECONDS)).listed(list, place);
    Ok(Write::put(if events.is_empty() { item } else { item.telling(events)? }))
}

/// `2026-11`.
fn month(at: Time) -> String {
    at.to_string().chars().take(7).collect()
}
