//! Counters of requests, one item per principal, class and window.

use domain::rate::{Class, Window};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Item, number};
use crate::{Store, Table, keys};

/// What a counter said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// It counted; it stands here now.
    Added(u32),
    /// There was no room; it stands here.
    Full(u32),
}

/// Counters of windows that are over are of no use to anybody.
const KEPT_SECONDS: i64 = 600;

impl Store {
    /// Adds `units` to a counter, unless that goes beyond its class's limit. One write.
    pub async fn count_requests(
        &self,
        principal: &str,
        class: &Class,
        window: Window,
        units: u32,
    ) -> Result<Count, StoreError> {
        let key = keys::rate(principal, class.name, window.number());
        let Some(room) = class.limit.checked_sub(units) else { return Ok(Count::Full(0)) };
        let fits = Condition::Any(vec![Condition::Absent("pk"), Condition::Less("n", number(room + 1))]);
        let more = Changes::default().set("ttl", number(window.ends_at() + KEPT_SECONDS)).add("n", number(units));
        match self.update(Table::Transient, &key, &more, &fits).await {
            Ok(item) => Ok(Count::Added(count(&item))),
            Err(WriteError::Refused(item)) => Ok(Count::Full(count(&item.unwrap_or_default()))),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

fn count(item: &Item) -> u32 {
    item.get("n").and_then(|n| n.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or(0)
}
