//! Finding what is due: all parts of the list at once, each from its oldest record on.

use std::collections::{BTreeMap, VecDeque};

use domain::Time;
use domain::due::{Due, Job, SHARDS};
use store::{Store, StoreError};
use tokio::time::Instant;

/// The most records of one kind that are taken from one part of the list in one sweep. More stay for the next one; so a
/// backlog of one kind, however long, takes neither memory nor the others' turn.
const HELD_MAX: usize = 1_000;

/// What is due, by kind, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) kinds: BTreeMap<String, VecDeque<Due>>,
    /// Whether something was left on the list.
    pub(crate) more: bool,
}

/// What is due at `now` of these jobs (`None`: of all, those unknown here included), as far as it is found before `ends`.
pub(crate) async fn find(store: &Store, jobs: Option<&[Job]>, now: Time, ends: Instant) -> Result<Found, StoreError> {
    let shards = (0..SHARDS).map(|shard| find_in(store, shard, jobs, now, ends));
    let mut found = Found::default();
    for part in futures::future::try_join_all(shards).await? {
        found.more |= part.more;
        for (kind, records) in part.kinds {
            found.kinds.entry(kind).or_default().extend(records);
        }
    }
    for records in found.kinds.values_mut() {
        records.make_contiguous().sort_by_key(|due| due.due_at);
    }
    Ok(found)
}

async fn find_in(
    store: &Store,
    shard: u8,
    jobs: Option<&[Job]>,
    now: Time,
    ends: Instant,
) -> Result<Found, StoreError> {
    let wanted = |due: &Due| jobs.is_none_or(|jobs| jobs.iter().any(|job| job.as_str() == due.job()));
    let mut found = Found::default();
    let mut after = None;
    loop {
        let page = store.due(shard, now, after.as_ref()).await?;
        for due in page.found.into_iter().filter(wanted) {
            let held = found.kinds.entry(due.kind.clone()).or_default();
            match held.len() < HELD_MAX {
                true => held.push_back(due),
                false => found.more = true,
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
        if Instant::now() >= ends {
            return Ok(Found { more: true, ..found });
        }
    }
}
