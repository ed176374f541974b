//! A person's activity: their events, sessions and keys. The ids of all three end in the time at which they were made, so
//! that ranges of one partition merge without looking into them.

use domain::identity::activity::KEPT_SECONDS;
use domain::identity::{Activity, ApiKey, Session};
use domain::page::{Limit, Page};
use domain::{Id, Time, id};

use crate::error::StoreError;
use crate::item::{Item, read};
use crate::list::{List, Order};
use crate::outbox::{as_text, read_events};
use crate::{Store, keys};

/// What sort keys begin with, up to the part that all kinds have in common: the time, and chance.
const KINDS: [&str; 3] = ["EVT#evt_", "SES#ses_", "KEY#key_"];

/// What a range brought: how far it was read if not to its end, and what is to be seen in it.
struct Part {
    read_to: Option<String>,
    seen: Vec<(String, Activity)>,
}

impl Store {
    /// A page of a person's activity, the newest first, behind what an earlier page answered. It may be shorter than
    /// `limit` though more follows: events that say nothing of sign-ins are among those read.
    pub async fn activity(
        &self,
        user: Id<id::User>,
        after: Option<String>,
        limit: Limit,
        now: Time,
    ) -> Result<Page<Activity>, StoreError> {
        let oldest: Id<id::Event> = Id::new(now.plus_seconds(-KEPT_SECONDS), [0; 10]);
        let oldest = oldest.to_string().split_off("evt_".len());
        let parts = KINDS.map(|kind| self.part(user, kind, &oldest, after.as_deref(), limit));
        let parts = futures::future::try_join_all(parts).await?;
        // Of what lies before this point, some range may not have brought everything yet.
        let horizon = parts.iter().filter_map(|part| part.read_to.clone()).max();
        let mut seen: Vec<(String, Activity)> = parts.into_iter().flat_map(|part| part.seen).collect();
        seen.retain(|(at, _)| horizon.as_ref().is_none_or(|horizon| at >= horizon));
        seen.sort_by(|one, other| other.0.cmp(&one.0));
        let limit = usize::from(limit.get());
        let next = match seen.len() > limit {
            true => seen.get(limit - 1).map(|(at, _)| at.clone()),
            false => horizon,
        };
        seen.truncate(limit);
        Ok(Page { items: seen.into_iter().map(|(_, activity)| activity).collect(), next })
    }

    async fn part(
        &self,
        user: Id<id::User>,
        kind: &str,
        oldest: &str,
        after: Option<&str>,
        limit: Limit,
    ) -> Result<Part, StoreError> {
        let list = List {
            pk: keys::user_partition(user),
            from: format!("{kind}{oldest}"),
            to: format!("{kind}~"),
            order: Order::Descending,
            filter: None,
        };
        let page = self.list(&list, after.map(|at| format!("{kind}{at}")), limit).await?;
        let suffix = |sk: &str| sk.strip_prefix(kind).unwrap_or_default().to_owned();
        let mut seen = Vec::new();
        for item in page.items {
            let at = suffix(as_text(item.get("sk")).unwrap_or_default());
            seen.extend(activity(kind, item)?.map(|activity| (at, activity)));
        }
        Ok(Part { read_to: page.next.as_deref().map(suffix), seen })
    }
}

fn activity(kind: &str, item: Item) -> Result<Option<Activity>, StoreError> {
    match kind {
        "SES#ses_" => Ok(Some(Activity::from(&read::<Session>(item)?))),
        "KEY#key_" => Ok(Some(Activity::from(&read::<ApiKey>(item)?))),
        _ => {
            let out = item.get("out").and_then(|out| out.as_b().ok());
            let events = out.map(|out| read_events(out.as_ref())).transpose();
            let events = events.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            Ok(events.into_iter().flatten().find_map(|event| Activity::told(&event)))
        }
    }
}
