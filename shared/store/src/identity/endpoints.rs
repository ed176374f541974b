//! Webhook endpoints: in the partition of their owner, beside the item that counts them.

use domain::audit::Entry;
use domain::event::Event;
use domain::identity::webhook::{Endpoint, MAX_ENDPOINTS};
use domain::{Id, Time, id};
use serde::{Deserialize, Serialize};

use crate::audit::entry_item;
use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read, text};
use crate::once::{self, Record};
use crate::read::{Freshness, Range};
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for Endpoint {
    const V: u32 = 1;
}

/// How many endpoints somebody has.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndpointCount {
    count: u32,
}

impl Kept for EndpointCount {
    const V: u32 = 1;
}

/// Why an endpoint was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointRefusal {
    /// Its owner has as many as may be.
    TooMany,
    /// Somebody changed or deleted it since it was read.
    Changed,
    /// The same request was done a moment ago.
    Repeated,
}

impl Store {
    /// An endpoint of `owner`; another's is not found.
    pub async fn endpoint(
        &self,
        owner: Id<id::User>,
        endpoint: Id<id::Endpoint>,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.get_raw(Table::Core, &keys::endpoint(owner, endpoint), Freshness::Strong).await?.map(read).transpose()
    }

    /// The endpoints of `owner`, oldest first.
    pub async fn endpoints(&self, owner: Id<id::User>) -> Result<Vec<Endpoint>, StoreError> {
        let range = Range {
            pk: keys::user_partition(owner),
            from: keys::ENDPOINTS.into(),
            to: format!("{}~", keys::ENDPOINTS),
            attributes: &[],
        };
        self.range(range, Freshness::Strong).await?.into_iter().map(read).collect()
    }

    /// Keeps a new endpoint, unless its owner has as many as may be: the count is part of the transaction, so that of any
    /// number of callers no more than that succeed.
    pub async fn add_endpoint(
        &self,
        endpoint: &Endpoint,
        answer: Option<&Record>,
    ) -> Result<(), WriteError<EndpointRefusal>> {
        let one_more = Changes::default().add("count", number(1)).set("v", number(EndpointCount::V));
        let below = Condition::Any(vec![Condition::Absent("pk"), Condition::Less("count", number(MAX_ENDPOINTS))]);
        let item = NewItem::of(keys::endpoint(endpoint.owner, endpoint.id), endpoint)?;
        let count = Write::update(keys::endpoint_count(endpoint.owner), one_more);
        let mut writes = once::kept(answer, EndpointRefusal::Repeated)?;
        writes.push(count.when(below).or(EndpointRefusal::TooMany));
        writes.push(Write::put(item).if_absent().or(EndpointRefusal::Changed));
        self.transact(writes).await
    }

    /// Turns `before` into `after`, unless somebody else changed it meanwhile.
    pub async fn change_endpoint(
        &self,
        before: &Endpoint,
        after: &Endpoint,
    ) -> Result<(), WriteError<EndpointRefusal>> {
        let (changes, unchanged) = change(before, after)?;
        let key = keys::endpoint(after.owner, after.id);
        match self.update(Table::Core, &key, &changes, &unchanged).await {
            Ok(_) => Ok(()),
            Err(WriteError::Refused(_)) => Err(WriteError::Refused(EndpointRefusal::Changed)),
            Err(WriteError::Store(error)) => Err(WriteError::Store(error)),
        }
    }

    /// The same for a change that is audited.
    pub async fn change_endpoint_audited(
        &self,
        before: &Endpoint,
        after: &Endpoint,
        entry: &Entry,
    ) -> Result<(), WriteError<EndpointRefusal>> {
        self.transact(vec![change_item(before, after)?, entry_item(entry, &[])?]).await
    }

    /// Turns `before` into `after`, which is disabled, and tells `event`.
    pub async fn disable_endpoint(
        &self,
        before: &Endpoint,
        after: &Endpoint,
        event: Event,
    ) -> Result<(), WriteError<EndpointRefusal>> {
        self.transact(vec![change_item(before, after)?, outbox::event_item(after.owner, event)?]).await
    }

    /// Deletes an endpoint, unless somebody did so before. Its deliveries go by themselves.
    pub async fn remove_endpoint(&self, endpoint: &Endpoint) -> Result<(), WriteError<EndpointRefusal>> {
        let one_less = Changes::default().add("count", number(-1));
        let unchanged = Condition::Equals("version", number(endpoint.version));
        let key = keys::endpoint(endpoint.owner, endpoint.id);
        self.transact(vec![
            Write::delete(key).when(unchanged).or(EndpointRefusal::Changed),
            Write::update(keys::endpoint_count(endpoint.owner), one_less),
        ])
        .await
    }

    /// Notes that something arrived: no change of its owner's, so the version stays.
    pub async fn note_endpoint_success(&self, endpoint: &Endpoint, now: Time) -> Result<(), StoreError> {
        let changes = Changes::default().set("lastSuccessAt", text(now)).remove("failingSince");
        self.note(endpoint, &changes, Condition::Present("pk")).await
    }

    /// Notes that something failed, unless that has been noted since the last success.
    pub async fn note_endpoint_failure(&self, endpoint: &Endpoint, now: Time) -> Result<(), StoreError> {
        let changes = Changes::default().set("failingSince", text(now));
        let first = Condition::All(vec![Condition::Present("pk"), Condition::Absent("failingSince")]);
        self.note(endpoint, &changes, first).await
    }

    async fn note(&self, endpoint: &Endpoint, changes: &Changes, condition: Condition) -> Result<(), StoreError> {
        let key = keys::endpoint(endpoint.owner, endpoint.id);
        match self.update(Table::Core, &key, changes, &condition).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

fn change(before: &Endpoint, after: &Endpoint) -> Result<(Changes, Condition), StoreError> {
    let key = keys::endpoint(after.owner, after.id);
    let items = (NewItem::of(key.clone(), before)?, NewItem::of(key, after)?);
    let unchanged = Condition::Equals("version", number(before.version));
    Ok((Changes::between(&items.0.item, &items.1.item), unchanged))
}

fn change_item(before: &Endpoint, after: &Endpoint) -> Result<Write<EndpointRefusal>, StoreError> {
    let (changes, unchanged) = change(before, after)?;
    let key = keys::endpoint(after.owner, after.id);
    Ok(Write::update(key, changes).when(unchanged).or(EndpointRefusal::Changed))
}
