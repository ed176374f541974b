//! Dead letters: how many there are, what they hold, and back with them. A queue's lie in its dead-letter queue; what the
//! table's stream gave up on lies in bucket `events-dlq`, under the name `events`.

mod given_up;

use domain::Time;
use queue::redrive::Moved;
use serde::Serialize;
use serde_json::Value;

use crate::target::{EVENTS, queues};
use crate::{AdminError, Souk};

pub use given_up::{Redriven, redrive_events, show_events};

/// One queue with its dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Its short name.
    pub queue: String,
    /// Waiting.
    pub visible: u64,
    /// Being handled.
    pub in_flight: u64,
    /// In its dead-letter queue.
    pub dead: u64,
}

/// A dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// The message's id, or the object's key.
    pub id: String,
    /// When it was sent, if that is known.
    pub sent_at: Option<Time>,
    /// What it holds: an event where it is JSON, else the text itself. Events hold no tokens.
    pub body: Value,
}

/// Objects are counted up to this number.
const COUNT_MAX: usize = 10_000;

/// Every queue, and the bucket of what the stream gave up on.
///
/// # Errors
/// AWS's.
pub async fn list(souk: &Souk) -> Result<Vec<Line>, AdminError> {
    let mut lines = Vec::new();
    for queue in queues() {
        let (depth, dead) = (souk.desk.depth(queue).await?, souk.desk.depth(&format!("{queue}-dlq")).await?);
        lines.push(Line {
            queue: queue.to_owned(),
            visible: depth.visible,
            in_flight: depth.in_flight,
            dead: dead.visible + dead.in_flight,
        });
    }
    let objects = souk.blobs.list(&souk.events_bucket().await?, COUNT_MAX).await?.len();
    let dead = u64::try_from(objects).unwrap_or(u64::MAX);
    lines.push(Line { queue: EVENTS.to_owned(), visible: 0, in_flight: 0, dead });
    Ok(lines)
}

/// Up to `limit` dead letters of a queue, or of `events`; they stay where they are.
///
/// # Errors
/// When there is no such queue, or AWS fails.
pub async fn show(souk: &Souk, queue: &str, limit: usize) -> Result<Vec<Letter>, AdminError> {
    if queue == EVENTS {
        return show_events(souk, limit).await;
    }
    let messages = souk.desk.peek(&dead_letter_queue(queue)?, limit).await?;
    let letters = messages.into_iter().map(|message| Letter {
        id: message.id,
        sent_at: message.sent_at,
        body: serde_json::from_str(&message.body).unwrap_or(Value::String(message.body)),
    });
    Ok(letters.collect())
}

/// Moves the dead letters of a queue back to it; those of `events`, to the queues of each event's row.
///
/// # Errors
/// When there is no such queue, or AWS fails.
pub async fn redrive(souk: &Souk, queue: &str) -> Result<Redriven, AdminError> {
    if queue == EVENTS {
        return redrive_events(souk).await;
    }
    dead_letter_queue(queue)?;
    Ok(match souk.desk.redrive(queue, souk.mover).await? {
        Moved::All(moved) => Redriven { moved, goes_on: false, left: Vec::new() },
        Moved::GoesOn(moved) => Redriven { moved, goes_on: true, left: Vec::new() },
    })
}

fn dead_letter_queue(queue: &str) -> Result<String, AdminError> {
    let known = queues();
    match known.contains(&queue) {
        true => Ok(format!("{queue}-dlq")),
        false => {
            Err(AdminError::Refused(format!("there is no queue {queue:?}; there are: {}, {EVENTS}", known.join(", "))))
        }
    }
}
