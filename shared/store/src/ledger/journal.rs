//! The journal: entries that are only ever inserted, and what is left of each to take back.

use domain::Id;
use domain::event::Event;
use domain::ledger::{Entry, Line, Original, id as ledger_id};

use crate::error::StoreError;
use crate::item::{Item, Kept, NewItem, read};
use crate::read::Freshness;
use crate::{Store, Table, keys};

impl Kept for Entry {
    const V: u32 = 1;
}

impl Kept for Line {
    const V: u32 = 1;
}

impl Kept for Original {
    const V: u32 = 1;
}

impl Store {
    /// An entry of the journal.
    pub async fn journal_entry(&self, id: Id<ledger_id::Transaction>) -> Result<Option<Entry>, StoreError> {
        let item = self.get_raw(Table::Core, &keys::journal(id), Freshness::Strong).await?;
        item.map(entry).transpose()
    }

    /// A transaction and what is left of it to take back.
    pub async fn original(&self, id: Id<ledger_id::Transaction>) -> Result<Option<Original>, StoreError> {
        if let Some(item) = self.get_raw(Table::Core, &keys::reversals(id), Freshness::Strong).await? {
            return read(item).map(Some);
        }
        Ok(self.journal_entry(id).await?.map(|entry| Original::of(&entry)))
    }
}

/// The item of an entry. Its id is its sort key and stands nowhere else: many legs are to fit into a kilobyte.
pub(super) fn item(entry: &Entry, events: &[Event]) -> Result<NewItem, StoreError> {
    let mut item = NewItem::of(keys::journal(entry.id), entry)?;
    item.item.remove("id");
    if events.is_empty() { Ok(item) } else { item.telling(events) }
}

/// The entry of an item.
pub(crate) fn entry(mut item: Item) -> Result<Entry, StoreError> {
    if let Some(id) = item.get("sk").cloned() {
        item.insert("id".into(), id);
    }
    read(item)
}
