//! Deliveries of an endpoint. Whoever makes an attempt claims it first, by its number, so that of any number of messages
//! for the same attempt one sends; what comes of it is written under the same number.

use domain::due::Due;
use domain::identity::webhook::delivery::KEPT_SECONDS;
use domain::identity::webhook::{Delivery, Status};
use domain::page::{Limit, Page};
use domain::time::MINUTE;
use domain::{Id, Time, id};

use crate::condition::{Changes, Condition};
use crate::due::waiting;
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read, text};
use crate::list::{List, Order};
use crate::outbox::{as_text, bare};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

impl Kept for Delivery {
    const V: u32 = 1;
}

/// After this long a claim that came to nothing counts as abandoned: longer than `webhook-sender` may run, in seconds.
const LEASE_SECONDS: i64 = MINUTE;
/// First attempts that have not come to anything are looked for among events of this long, in seconds.
const IN_FLIGHT_SECONDS: i64 = 10 * MINUTE;

/// Whether an attempt is ours to make.
#[derive(Clone, Debug, PartialEq)]
pub enum AttemptClaim {
    /// Make it, then write what came of it.
    Ours(Box<Delivery>),
    /// It has been made; here is the delivery by now, unless it is gone.
    Made(Option<Box<Delivery>>),
    /// Somebody else is making it, or died doing so: come back later.
    Busy,
}

/// Which deliveries are asked for.
#[derive(Clone, Debug, Default)]
pub struct WantedDeliveries {
    /// Only those that stand so.
    pub status: Option<Status>,
    /// Only those of events of this type.
    pub event_type: Option<String>,
}

impl Store {
    /// Keeps a new delivery, claimed for its first attempt. One that is there already is told as [`Store::claim_attempt`]
    /// would.
    pub async fn add_delivery(&self, delivery: &Delivery, now: Time) -> Result<AttemptClaim, StoreError> {
        let item = NewItem::of(keys::delivery(delivery.endpoint, delivery.id), delivery)?;
        let write = Write::put(item.expiring(delivery.expires_at())).if_absent().or(());
        match self.put(write).await {
            Ok(()) => Ok(AttemptClaim::Ours(Box::new(delivery.clone()))),
            Err(WriteError::Refused(())) => self.claim_attempt(delivery.endpoint, delivery.id, 0, now).await,
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Claims the attempt that follows `made` others.
    pub async fn claim_attempt(
        &self,
        endpoint: Id<id::Endpoint>,
        delivery: Id<id::Delivery>,
        made: usize,
        now: Time,
    ) -> Result<AttemptClaim, StoreError> {
        let free = Condition::Any(vec![
            Condition::Absent("claimedAt"),
            Condition::Less("claimedAt", text(now.plus_seconds(-LEASE_SECONDS))),
        ]);
        let condition = Condition::All(vec![as_it_was(made), free]);
        let changes = Changes::default().set("claimedAt", text(now));
        match self.update(Table::Core, &keys::delivery(endpoint, delivery), &changes, &condition).await {
            Ok(item) => Ok(AttemptClaim::Ours(Box::new(read(item)?))),
            Err(WriteError::Refused(None)) => Ok(AttemptClaim::Made(None)),
            Err(WriteError::Refused(Some(item))) => {
                let stands: Delivery = read(item)?;
                match stands.status == Status::Pending && stands.attempt_count == made {
                    true => Ok(AttemptClaim::Busy),
                    false => Ok(AttemptClaim::Made(Some(Box::new(stands)))),
                }
            }
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Writes what came of an attempt, unless somebody did before; `wait` begins with it. The first failure puts the
    /// delivery on the endpoint's list of open ones, the last attempt takes it off.
    pub async fn settle_attempt(
        &self,
        before: &Delivery,
        after: &Delivery,
        wait: Option<&Due>,
    ) -> Result<(), StoreError> {
        let key = keys::delivery(after.endpoint, after.id);
        let items = (NewItem::of(key.clone(), before)?, NewItem::of(key.clone(), after)?);
        let changes = Changes::between(&items.0.item, &items.1.item);
        let unmade = as_it_was(before.attempt_count);
        let open = keys::open_delivery(after.endpoint, after.id);
        let (was_open, is_open) = (before.attempt_count > 0, after.status == Status::Pending);
        if !was_open && !is_open {
            return match self.update(Table::Core, &key, &changes, &unmade).await {
                Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
                Err(WriteError::Store(error)) => Err(error),
            };
        }
        let mut writes = vec![Write::update(key, changes).when(unmade).or(())];
        match is_open {
            true if !was_open => writes.push(Write::put(bare(open)?.expiring(after.expires_at()))),
            true => {}
            false => writes.push(Write::delete(open)),
        }
        writes.extend(wait.map(waiting).transpose()?);
        match self.transact(writes).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// A page of an endpoint's deliveries, those of the newest events first.
    pub async fn deliveries(
        &self,
        endpoint: Id<id::Endpoint>,
        wanted: &WantedDeliveries,
        after: Option<String>,
        limit: Limit,
        now: Time,
    ) -> Result<Page<Delivery>, StoreError> {
        if wanted.status == Some(Status::Pending) {
            return self.pending_deliveries(endpoint, wanted, after, limit, now).await;
        }
        let mut filters: Vec<Condition> = wanted.status.map(stands).into_iter().collect();
        filters.extend(of_type(wanted));
        let page = self.list(&newest_first(endpoint, now.plus_seconds(-KEPT_SECONDS), filters), after, limit).await?;
        Ok(Page { items: page.items.into_iter().map(read).collect::<Result<_, _>>()?, next: page.next })
    }

    /// Those that are tried again are a list of their own, since of a month's deliveries few are; the first page begins
    /// with those that are being tried for the first time.
    async fn pending_deliveries(
        &self,
        endpoint: Id<id::Endpoint>,
        wanted: &WantedDeliveries,
        after: Option<String>,
        limit: Limit,
        now: Time,
    ) -> Result<Page<Delivery>, StoreError> {
        let mut filters = vec![as_it_was(0)];
        filters.extend(of_type(wanted));
        let in_flight = newest_first(endpoint, now.plus_seconds(-IN_FLIGHT_SECONDS), filters);
        let open = List {
            pk: keys::deliveries(endpoint),
            from: keys::OPEN_DELIVERIES.into(),
            to: format!("{}~", keys::OPEN_DELIVERIES),
            order: Order::Descending,
            filter: None,
        };
        let is_first = after.is_none();
        let first = async {
            match is_first {
                true => self.list(&in_flight, None, limit).await,
                false => Ok(Page { items: Vec::new(), next: None }),
            }
        };
        let (first, open) = futures::try_join!(first, self.list(&open, after, limit))?;
        let named = open.items.iter().filter_map(|item| as_text(item.get("sk"))?.split_once('#')?.1.parse().ok());
        let keys: Vec<keys::Key> = named.map(|id| keys::delivery(endpoint, id)).collect();
        let found = match keys.is_empty() {
            true => Vec::new(),
            false => self.get_many(Table::Core, &keys, Freshness::Strong).await?,
        };
        let all = first.items.into_iter().chain(found.into_iter().flatten()).map(read::<Delivery>);
        let is_wanted = |delivery: &Delivery| {
            let of_type = wanted.event_type.as_ref().is_none_or(|name| *name == delivery.event_type);
            of_type && delivery.status == Status::Pending
        };
        let all = all.collect::<Result<Vec<_>, _>>()?;
        Ok(Page { items: all.into_iter().filter(is_wanted).collect(), next: open.next })
    }

    /// A delivery of an endpoint.
    pub async fn delivery(
        &self,
        endpoint: Id<id::Endpoint>,
        delivery: Id<id::Delivery>,
    ) -> Result<Option<Delivery>, StoreError> {
        self.get_raw(Table::Core, &keys::delivery(endpoint, delivery), Freshness::Strong).await?.map(read).transpose()
    }
}

/// Deliveries of events from `since` on, newest first.
fn newest_first(endpoint: Id<id::Endpoint>, since: Time, filters: Vec<Condition>) -> List {
    let oldest: Id<id::Delivery> = Id::new(since, [0; 10]);
    List {
        pk: keys::deliveries(endpoint),
        from: format!("{}{oldest}", keys::DELIVERIES),
        to: format!("{}~", keys::DELIVERIES),
        order: Order::Descending,
        filter: (!filters.is_empty()).then_some(Condition::All(filters)),
    }
}

fn as_it_was(made: usize) -> Condition {
    Condition::All(vec![Condition::Equals("attemptCount", number(made)), stands(Status::Pending)])
}

fn stands(status: Status) -> Condition {
    Condition::Equals("status", text(status.as_str()))
}

fn of_type(wanted: &WantedDeliveries) -> Option<Condition> {
    wanted.event_type.as_ref().map(|name| Condition::Equals("eventType", text(name)))
}
