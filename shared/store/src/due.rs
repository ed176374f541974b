//! The one due list. A record's key says all of it but what its handler is told, so even one that cannot be read can be
//! handed on, and ends as a dead letter in the open instead of lying at the head of the list for ever.

use domain::Time;
use domain::due::Due;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Store;
use crate::error::{StoreError, WriteError};
use crate::item::{Item, Kept, NewItem, read};
use crate::keys::{self, Key};
use crate::outbox::as_text;
use crate::read::{Freshness, Page, Range};
use crate::write::Write;

/// What a record holds beside its key.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    /// What the handler is told, as JSON.
    data: String,
}

impl Kept for Record {
    const V: u32 = 1;
}

/// A page of one part of the list, oldest first.
#[derive(Debug)]
pub struct DuePage {
    /// What is due.
    pub found: Vec<Due>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<DueCursor>,
}

/// A place in one part of the list.
#[derive(Clone, Debug)]
pub struct DueCursor(Key);

/// A wait as a write, for the transaction that begins it.
pub(crate) fn waiting<E>(due: &Due) -> Result<Write<E>, StoreError> {
    let record = Record { data: due.data.to_string() };
    Ok(Write::put(NewItem::of(keys::due(due), &record)?))
}

impl Store {
    /// Begins a wait that nothing else is written with.
    pub async fn wait(&self, due: &Due) -> Result<(), StoreError> {
        match self.put(waiting::<()>(due)?).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// What of one part of the list is due at `now`.
    pub async fn due(&self, shard: u8, now: Time, after: Option<&DueCursor>) -> Result<DuePage, StoreError> {
        let range = Range { pk: keys::due_shard(shard), from: "0".into(), to: format!("{now}~"), attributes: &[] };
        // Strong: what was deleted a moment ago must not be found again.
        let Page { items, next } = self.range_page(&range, after.map(|at| &at.0), Freshness::Strong).await?;
        Ok(DuePage { found: items.into_iter().map(due).collect(), next: next.map(DueCursor) })
    }

    /// Takes records off the list, there or not.
    pub async fn forget_due(&self, records: &[&Due]) -> Result<(), StoreError> {
        self.write_many(Vec::new(), records.iter().map(|due| keys::due(due)).collect()).await
    }
}

/// What an item of the list says. The parts of its key never hold `#`, but for the id, which is the rest.
fn due(item: Item) -> Due {
    let key = as_text(item.get("sk")).unwrap_or_default().to_owned();
    let mut parts = key.splitn(3, '#');
    let mut part = || parts.next().unwrap_or_default();
    let (at, kind, id) = (part(), part(), part());
    let data = read(item).ok().and_then(|record: Record| serde_json::from_str(&record.data).ok());
    Due {
        kind: kind.to_owned(),
        id: id.to_owned(),
        due_at: at.parse().unwrap_or(Time::from_millis(0)),
        data: data.unwrap_or(Value::Null),
    }
}
