//! The outbox is no table: events ride as binary attribute `out` on an item that their transaction inserts, and the
//! table's stream carries them on. Only a transaction that inserts nothing else writes an item for its event.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::Event;
use domain::time::DAY;
use domain::{Id, id};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::item::{Kept, NewItem};
use crate::keys;
use crate::write::Write;

/// An event of its own has nothing but its event.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bare {}

impl Kept for Bare {
    const V: u32 = 1;
}

const KEPT_DAYS: i64 = 90;

/// The item of an event whose transaction inserts nothing else.
pub(crate) fn event_item<E>(subject: Id<id::User>, event: Event) -> Result<Write<E>, StoreError> {
    let expires = event.occurred_at.plus_seconds(KEPT_DAYS * DAY);
    let item = bare(keys::event(subject, event.id))?.expiring(expires).telling(&[event])?;
    Ok(Write::put(item))
}

/// An item that holds nothing of its own.
pub(crate) fn bare(key: keys::Key) -> Result<NewItem, StoreError> {
    NewItem::of(key, &Bare {})
}

/// The events of attribute `out`, as the stream brings it.
pub fn read_events(out: &[u8]) -> Result<Vec<Event>, serde_json::Error> {
    serde_json::from_slice(out)
}

/// The text of a string attribute.
pub(crate) fn as_text(value: Option<&AttributeValue>) -> Option<&str> {
    value.and_then(|value| value.as_s().ok()).map(String::as_str)
}
