//! The audit trail: entries are put in the transaction of their act, and there is no way here to change or delete one.

use domain::audit::{Action, Entry, KEPT_SECONDS};
use domain::event::Event;
use domain::page::{Limit, Page};
use domain::time::DAY;
use domain::{Id, Time, id};

use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Kept, NewItem, read, text};
use crate::keys::{self, Key};
use crate::list::{List, Order};
use crate::read::Freshness;
use crate::staff::{Listed, Merged};
use crate::write::Write;
use crate::{Store, Table};

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

/// Which entries.
#[derive(Clone, Debug)]
pub struct Trail {
    /// Only what they did: an account's id, or the name of a tool.
    pub actor: Option<String>,
    /// Only what was done to it.
    pub target: Option<String>,
    /// Only acts of this kind.
    pub action: Option<Action>,
    /// No earlier ones.
    pub from: Time,
    /// No later ones.
    pub to: Time,
}

/// A page ends when so many entries were looked at, however few belong to it.
const MAX_EXAMINED: usize = 2000;

impl Store {
    /// A page of the trail, the newest entries first, those behind what an earlier page answered.
    pub async fn audit(&self, trail: &Trail, after: Option<String>, limit: Limit) -> Result<Page<Entry>, StoreError> {
        match &trail.target {
            Some(target) => self.audit_of(target, trail, after, limit).await,
            None => self.audit_of_all(trail, after, limit).await,
        }
    }

    /// One partition, read strongly.
    async fn audit_of(
        &self,
        target: &str,
        trail: &Trail,
        after: Option<String>,
        limit: Limit,
    ) -> Result<Page<Entry>, StoreError> {
        let first: Id<id::Audit> = Id::new(trail.from, [0; 10]);
        let last: Id<id::Audit> = Id::new(trail.to, [0xff; 10]);
        let by_actor = trail.actor.as_ref().map(|actor| Condition::Equals("actorId", text(actor)));
        let by_action = trail.action.map(|action| Condition::Equals("action", text(action)));
        let conditions: Vec<Condition> = by_actor.into_iter().chain(by_action).collect();
        let list = List {
            pk: keys::audit_partition(target),
            from: first.to_string(),
            to: last.to_string(),
            order: Order::Descending,
            filter: (!conditions.is_empty()).then_some(Condition::All(conditions)),
        };
        let page = self.list(&list, after, limit).await?;
        let items = page.items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// The lists of the months, by what stands in their places.
    async fn audit_of_all(
        &self,
        trail: &Trail,
        after: Option<String>,
        limit: Limit,
    ) -> Result<Page<Entry>, StoreError> {
        let months = months(trail.from, trail.to);
        let lists = months.iter().flat_map(|month| (0..keys::SHARDS).map(|shard| keys::audit_list(month, shard)));
        let span = (trail.from.to_string(), format!("{}~", trail.to));
        let limit = usize::from(limit.get());
        let is_filtered = trail.actor.is_some() || trail.action.is_some();
        let wanted = if is_filtered { MAX_EXAMINED } else { limit + 1 };
        let mut merged = Merged::new(self, lists.collect(), Order::Descending, span, after, wanted);
        let mut page: Vec<Listed> = Vec::new();
        let (mut examined, mut last, mut next) = (0, None, None);
        while let Some(entry) = merged.next().await? {
            if page.len() == limit || examined == MAX_EXAMINED {
                next = last;
                break;
            }
            examined += 1;
            last = Some(entry.place.clone());
            if trail.keeps(&entry.place) {
                page.push(entry);
            }
        }
        let keys: Vec<Key> = page.into_iter().map(|listed| listed.key).collect();
        let found = match keys.is_empty() {
            true => Vec::new(),
            false => self.get_many(Table::Core, &keys, Freshness::Eventual).await?,
        };
        Ok(Page { items: found.into_iter().flatten().map(read).collect::<Result<_, _>>()?, next })
    }
}

impl Trail {
    /// Whether the entry of a place `{time}#{actor}#{action}#{aud}` belongs here.
    fn keeps(&self, place: &str) -> bool {
        let mut parts = place.split('#').skip(1);
        let (actor, action) = (parts.next(), parts.next());
        self.actor.as_deref().is_none_or(|wanted| actor == Some(wanted))
            && self.action.is_none_or(|wanted| action == Some(wanted.as_str()))
    }
}

/// The months that a span touches.
fn months(from: Time, to: Time) -> Vec<String> {
    // No month is shorter than 28 days, and no span as long as a year.
    let days = (0..=to.seconds().saturating_sub(from.seconds()) / DAY).step_by(28);
    let mut months: Vec<String> = days.map(|day| month(from.plus_seconds(day * DAY))).chain([month(to)]).collect();
    months.dedup();
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_touches_every_month_in_it() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let months = |from, to| months(at(from), at(to));
        assert_eq!(months("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"), ["2026-11"]);
        let touched = ["2027-01", "2027-02", "2027-03", "2027-04", "2027-05"];
        assert_eq!(months("2027-01-31T23:59:59Z", "2027-05-01T00:00:00Z"), touched);
        assert_eq!(months("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"), ["2026-12", "2027-01"]);
    }
}
