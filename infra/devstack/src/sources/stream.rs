//! Table stream -> Lambda: filter, hand over in order, move the position on.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::failure_destination;
use super::partial_batch::BatchOutcome;
use super::pieces::pieces;
use super::retry_plan::{Next, RetryPlan, RetryPolicy};
use super::{Delivery, Target, short_name};
use crate::cloud::{CloudError, Position};
use crate::template::{StreamSource, matches};

/// Records read at a time, before the filter.
const READ: usize = 1_000;
/// Writes through the tap wake us; this is for what expires by itself.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// What is left of 6 MB when the event around the records is written.
const MOST_BYTES: usize = 6 * 1024 * 1024 - 1_024;

/// The batch ended early because the stack stops.
struct Stopped;

/// Works until the stack stops.
pub async fn run(source: StreamSource, mut target: Target) {
    let mut writes = target.surroundings.cloud.table_writes();
    let name = position_name(&target.function, &source.table);
    loop {
        writes.mark_unchanged();
        let pause = match step(&source, &mut target, &name).await {
            Ok(Ok(true)) => Duration::ZERO,
            Ok(Ok(false)) => LOOK_AGAIN,
            Ok(Err(Stopped)) => return,
            Err(error) => {
                tracing::warn!(table = source.table, %error, "the stream cannot be read");
                TRY_AGAIN
            }
        };
        if !idle(&mut writes, &mut target, pause).await {
            return;
        }
    }
}

/// By what a source's position is kept.
pub fn position_name(function: &str, table: &str) -> String {
    format!("{function}<{}", short_name(table))
}

/// Waits for a write or the end of the pause; answers whether the stack goes on.
async fn idle(writes: &mut watch::Receiver<u64>, target: &mut Target, pause: Duration) -> bool {
    tokio::select! {
        biased;
        () = target.surroundings.stopping.stopped() => false,
        Ok(()) = writes.changed(), if !pause.is_zero() => true,
        () = tokio::time::sleep(pause) => true,
    }
}

/// Reads and hands over what is there; answers whether there was anything.
async fn step(source: &StreamSource, target: &mut Target, name: &str) -> Result<Result<bool, Stopped>, CloudError> {
    let positions = target.surroundings.positions.clone();
    let mut after = positions.get(name);
    if after.is_none() && !source.from_trim_horizon {
        after = target.surroundings.cloud.stream_end(&source.table).await?;
        positions.advance(name, after.as_ref());
    }
    let batch = target.surroundings.cloud.stream_records(&source.table, after, READ).await?;
    if batch.records.is_empty() {
        return Ok(Ok(false));
    }
    let wanted: Vec<Value> = batch.records.into_iter().filter(|record| is_wanted(source, record)).collect();
    let sizes: Vec<usize> = wanted.iter().map(|record| record.to_string().len()).collect();
    for piece in pieces(&sizes, source.batch_size, MOST_BYTES) {
        if let Err(stopped) = handle(source, target, name, &wanted[piece]).await {
            return Ok(Err(stopped));
        }
    }
    // Those that the filter left out at the end are behind us as well.
    positions.advance(name, batch.position.as_ref());
    Ok(Ok(true))
}

fn is_wanted(source: &StreamSource, record: &Value) -> bool {
    source.filters.is_empty() || source.filters.iter().any(|pattern| matches(pattern, record))
}

async fn handle(source: &StreamSource, target: &mut Target, name: &str, records: &[Value]) -> Result<(), Stopped> {
    let policy = RetryPolicy { max_retry_attempts: source.max_retry_attempts, bisect_on_error: source.bisect_on_error };
    let mut plan = RetryPlan::new(records.len(), policy);
    while let Some(range) = plan.next() {
        let next = match hand_over(source, target, &records[range]).await {
            Delivery::NotTaken => {
                if !target.pause(TRY_AGAIN).await {
                    return Err(Stopped);
                }
                continue;
            }
            Delivery::Done(BatchOutcome::AllSucceeded) => plan.succeeded(),
            Delivery::Done(BatchOutcome::AllFailed) => plan.failed(0),
            Delivery::Done(BatchOutcome::Failed(failed)) => plan.failed(failed.first().copied().unwrap_or_default()),
        };
        let goes_on = match next {
            Next::Continue => true,
            Next::Retry { failures } => target.pause(backoff(failures)).await,
            Next::GiveUp(range) => failure_destination::keep(source, target, &records[range]).await,
        };
        if !goes_on {
            return Err(Stopped);
        }
        if let Some(last) = plan.done().checked_sub(1).and_then(|last| records.get(last)) {
            target.surroundings.positions.advance(name, Position::behind(last).as_ref());
        }
        if target.surroundings.stopping.is_stopped() {
            return Err(Stopped);
        }
    }
    Ok(())
}

async fn hand_over(source: &StreamSource, target: &Target, records: &[Value]) -> Delivery {
    let number =
        |record: &'_ Value| record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned).unwrap_or_default();
    let numbers: Vec<String> = records.iter().map(number).collect();
    let identifiers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    target.deliver(records, source.report_batch_item_failures.then_some(identifiers.as_slice())).await
}

/// Between attempts; Lambda's own pauses are not published, and here a person waits.
fn backoff(failures: u32) -> Duration {
    Duration::from_millis(200).saturating_mul(1 << failures.saturating_sub(1).min(5)).min(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        assert_eq!(backoff(1), Duration::from_millis(200));
        assert_eq!(backoff(3), Duration::from_millis(800));
        assert_eq!(backoff(u32::MAX), Duration::from_secs(5));
    }
}
