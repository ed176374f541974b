//! The sweep: find what is due, put it on queue `due`, take it off the list.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::due::{Due, Job};
use domain::event::Queue;
use entry::Problem;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::Sweeper;
use crate::find::{Found, find};

/// What the schedule says.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Order {
    /// Whose kinds; absent: everybody's.
    #[serde(default)]
    pub jobs: Option<Vec<Job>>,
}

/// What a sweep came to, by job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// Every job that was asked for, and every other that had something due.
    #[serde(flatten)]
    pub jobs: BTreeMap<String, SweptJob>,
    /// Time ran out, or there was more than one sweep takes: the rest waits on the list for the next one.
    pub more_due: bool,
}

/// What a sweep came to for one job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SweptJob {
    /// Records that were due.
    pub found: usize,
    /// Those that are on the queue now, and off the list.
    pub sent: usize,
}

/// After this long no more of the list is read,
const FINDING: Duration = Duration::from_secs(8);
/// and after this long no more is sent: what is under way has ended before the function's timeout.
const SWEEPING: Duration = Duration::from_secs(20);
/// So many records of each kind in one turn, each ten a message batch of their own.
const TURN: usize = 50;
const BATCH: usize = 10;

/// Moves what is due from the list to the queue, oldest first, the kinds in turn, so that no job starves another.
pub async fn sweep(sweeper: Sweeper, order: Order) -> Result<Swept, Problem> {
    let begun = Instant::now();
    let now = sweeper.app.clock.now();
    let found = find(&sweeper.app.store, order.jobs.as_deref(), now, begun + FINDING).await?;
    let mut swept = Swept { more_due: found.more, ..Swept::default() };
    for job in order.jobs.as_deref().unwrap_or(&Job::ALL) {
        swept.jobs.entry(job.as_str().to_owned()).or_default();
    }
    let Found { mut kinds, .. } = found;
    for due in kinds.values().flatten() {
        swept.jobs.entry(due.job().to_owned()).or_default().found += 1;
    }
    let mut first_failure = None;
    while kinds.values().any(|records| !records.is_empty()) {
        if begun.elapsed() >= SWEEPING {
            swept.more_due = true;
            break;
        }
        let turn: Vec<Due> = kinds.values_mut().flat_map(|records| records.drain(..records.len().min(TURN))).collect();
        let carried = carry(&sweeper, &turn).await;
        for due in &carried.sent {
            swept.jobs.entry(due.job().to_owned()).or_default().sent += 1;
        }
        first_failure = first_failure.or(carried.failure);
    }
    // Only now: what could not be sent stays on the list, and has held up nobody.
    first_failure.map_or(Ok(swept), Err)
}

/// What a turn came to.
struct Carried<'a> {
    sent: Vec<&'a Due>,
    failure: Option<Problem>,
}

/// First onto the queue, then off the list: a crash in between carries twice, never not at all.
async fn carry<'a>(sweeper: &Sweeper, turn: &'a [Due]) -> Carried<'a> {
    let batches = turn.chunks(BATCH).map(async |batch| {
        let bodies: Vec<&Due> = batch.iter().collect();
        let unsent = sweeper.queues.send(Queue::Due, &bodies).await.err().unwrap_or_default();
        let is_sent = |index: &usize| !unsent.iter().any(|one| one.index == *index);
        let sent: Vec<&Due> =
            batch.iter().enumerate().filter(|(index, _)| is_sent(index)).map(|(_, due)| due).collect();
        (sent, unsent.into_iter().next())
    });
    let mut carried = Carried { sent: Vec::with_capacity(turn.len()), failure: None };
    for (sent, unsent) in futures::future::join_all(batches).await {
        carried.sent.extend(sent);
        carried.failure = carried.failure.or(unsent.map(|unsent| Problem::internal(unsent.error)));
    }
    if let Err(error) = sweeper.app.store.forget_due(&carried.sent).await {
        carried.failure = carried.failure.or(Some(error.into()));
    }
    carried
}
