//! SQS -> Lambda: receive, hand over, delete what succeeded.

use std::time::Duration;

use tokio::time::Instant;

use super::partial_batch::BatchOutcome;
use super::pieces::pieces;
use super::{Delivery, Target};
use crate::cloud::{CloudError, QueueMessage};
use crate::template::QueueSource;

/// Batches of one queue handled at a time when its source names no maximum; Lambda starts with five pollers, too.
pub const USUAL_CONCURRENCY: usize = 5;
const LONG_POLL: Duration = Duration::from_secs(20);
/// Most that one receive answers.
const MOST_PER_RECEIVE: usize = 10;
/// What is left of 6 MB when the event around the messages is written.
const MOST_BYTES: usize = 6 * 1024 * 1024 - 64 * 1024;
/// How long messages stay with us while nobody takes them, renewed with each attempt.
const HOLD: Duration = Duration::from_secs(60);
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Works until the stack stops; several of these make a source's concurrency.
pub async fn run(source: QueueSource, mut target: Target) {
    loop {
        let mut stopping = target.surroundings.stopping.clone();
        let received = tokio::select! {
            received = receive(&source, &target) => received,
            () = stopping.stopped() => return,
        };
        let handled = match received {
            Ok(messages) => handle(&source, &mut target, &messages).await,
            Err(error) => Err(error),
        };
        if let Err(error) = handled {
            tracing::warn!(queue = source.queue, %error, "the queue cannot be worked on");
            if !target.pause(TRY_AGAIN).await {
                return;
            }
        }
        if target.surroundings.stopping.is_stopped() {
            return;
        }
    }
}

/// A batch: what is there, and with a batching window what comes within it.
async fn receive(source: &QueueSource, target: &Target) -> Result<Vec<QueueMessage>, CloudError> {
    let cloud = &target.surroundings.cloud;
    let most = |have: usize| (source.batch_size - have).min(MOST_PER_RECEIVE);
    let mut messages = cloud.receive(&source.queue, most(0), LONG_POLL).await?;
    let window_ends = Instant::now() + source.batching_window;
    while !messages.is_empty() && messages.len() < source.batch_size {
        let left = window_ends.saturating_duration_since(Instant::now());
        let more = cloud.receive(&source.queue, most(messages.len()), left).await?;
        if more.is_empty() {
            break;
        }
        messages.extend(more);
    }
    Ok(messages)
}

async fn handle(source: &QueueSource, target: &mut Target, messages: &[QueueMessage]) -> Result<(), CloudError> {
    let sizes: Vec<usize> = messages.iter().map(|message| message.body.len() + 2_048).collect();
    for piece in pieces(&sizes, source.batch_size, MOST_BYTES) {
        let messages = &messages[piece];
        let identifiers: Vec<&str> = messages.iter().map(|message| message.message_id.as_str()).collect();
        let reported = source.report_batch_item_failures.then_some(identifiers.as_slice());
        let outcome = loop {
            match target.deliver(messages, reported).await {
                Delivery::Done(outcome) => break outcome,
                // Kept in hand: going back to the queue would cost it one of the receives it has before the DLQ.
                Delivery::NotTaken => {
                    show_again(source, target, messages, |_| HOLD).await?;
                    if !target.pause(TRY_AGAIN).await {
                        return show_again(source, target, messages, |_| Duration::ZERO).await;
                    }
                }
            }
        };
        settle(source, target, messages, &outcome).await?;
    }
    Ok(())
}

/// Deletes what succeeded and lets the rest come back.
async fn settle(
    source: &QueueSource,
    target: &Target,
    messages: &[QueueMessage],
    outcome: &BatchOutcome,
) -> Result<(), CloudError> {
    for (index, message) in messages.iter().enumerate() {
        let failed = match outcome {
            BatchOutcome::AllSucceeded => false,
            BatchOutcome::AllFailed => true,
            BatchOutcome::Failed(failed) => failed.contains(&index),
        };
        target.surroundings.failing.note(&source.queue, message, failed);
        if failed {
            show_again(source, target, std::slice::from_ref(message), |message| retry_after(receives(message))).await?;
        } else {
            target.surroundings.cloud.delete(&source.queue, &message.receipt_handle).await?;
        }
    }
    Ok(())
}

async fn show_again(
    source: &QueueSource,
    target: &Target,
    messages: &[QueueMessage],
    after: impl Fn(&QueueMessage) -> Duration,
) -> Result<(), CloudError> {
    let cloud = &target.surroundings.cloud;
    for message in messages {
        cloud.change_visibility(&source.queue, &message.receipt_handle, after(message)).await?;
    }
    Ok(())
}

/// When a failed message is shown again. In AWS it waits out the queue's visibility timeout, 180 s, so that five
/// receives take a quarter of an hour; here they take fifteen seconds, for the person who waits to see the DLQ.
fn retry_after(receives: u64) -> Duration {
    Duration::from_secs(receives.clamp(1, 5))
}

fn receives(message: &QueueMessage) -> u64 {
    message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_failing_is_in_the_dlq_within_fifteen_seconds() {
        let total: Duration = (1..=5).map(retry_after).sum();
        assert_eq!(total, Duration::from_secs(15));
        assert_eq!(retry_after(1_000), Duration::from_secs(5));
    }
}
