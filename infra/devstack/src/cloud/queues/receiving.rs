//! Receiving: what is due is handed out, what was handed out too often is buried.

use super::super::faults::Shuffle;
use super::MessageAttribute;
use super::messages::{Sqlite, ms};
use crate::template::{Queue, Redrive, queue_arn};
use rusqlite::{Row, Transaction, params};
use std::collections::BTreeMap;

/// Of so many messages that are due, the shuffled ones are picked.
const SHUFFLED_MAX: usize = 200;

/// A message as its receiver gets it.
pub(super) struct Stored {
    seq: i64,
    pub id: String,
    pub body: String,
    pub body_md5: String,
    pub attributes: BTreeMap<String, MessageAttribute>,
    pub receipt: String,
    pub sent_ms: i64,
    pub first_received_ms: i64,
    pub receive_count: u32,
    pub visible_ms: i64,
    dead_letter_source: Option<String>,
}

impl Stored {
    /// The attributes that SQS itself adds.
    pub fn system_attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = BTreeMap::from([
            ("ApproximateReceiveCount", self.receive_count.to_string()),
            ("ApproximateFirstReceiveTimestamp", self.first_received_ms.to_string()),
            ("SentTimestamp", self.sent_ms.to_string()),
            ("SenderId", "AIDALOCAL".to_owned()),
        ]);
        if let Some(source) = &self.dead_letter_source {
            attributes.insert("DeadLetterQueueSourceArn", queue_arn(source));
        }
        let named = attributes.into_iter();
        named.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn read(row: &Row<'_>) -> Sqlite<Stored> {
        let attributes: String = row.get("attributes")?;
        Ok(Stored {
            seq: row.get("seq")?,
            id: row.get("id")?,
            body: row.get("body")?,
            body_md5: row.get("body_md5")?,
            attributes: serde_json::from_str(&attributes).unwrap_or_default(),
            receipt: String::new(),
            sent_ms: row.get("sent_ms")?,
            first_received_ms: row.get::<_, Option<i64>>("first_received_ms")?.unwrap_or(0),
            receive_count: row.get("receive_count")?,
            visible_ms: row.get("visible_ms")?,
            dead_letter_source: row.get("dead_letter_source")?,
        })
    }
}

/// The plus keeps SQLite from walking through all that is visible in search of the few that were tried.
const BURY: &str = "UPDATE message SET queue = ?2, visible_ms = ?3, receive_count = 0, first_received_ms = NULL,
            receipt = NULL, dead_letter_source = ?1
     WHERE queue = ?1 AND +visible_ms <= ?3 AND receive_count >= ?4";

/// In the index's order: taking ten costs the same whether twenty wait or a hundred thousand.
const TAKE: &str = "SELECT * FROM message WHERE queue = ?1 AND visible_ms <= ?2 AND sent_ms >= ?3
     ORDER BY visible_ms, seq LIMIT ?4";

/// Moves to the dead letter queue what would now be received once too often.
pub(super) fn bury(transaction: &Transaction<'_>, queue: &str, redrive: &Redrive, now: i64) -> Sqlite<()> {
    let mut bury = transaction.prepare_cached(BURY)?;
    bury.execute(params![queue, redrive.dead_letter_queue, now, redrive.receive_count_max])?;
    Ok(())
}

/// What a receiver asks for.
pub(super) struct Wanted {
    /// Most messages.
    pub max: usize,
    pub now: i64,
    /// Until when what it gets is hidden from others.
    pub hidden_until: i64,
    /// Takes them in this order instead of that of becoming visible.
    pub shuffle: Option<Shuffle>,
}

/// Takes messages that are visible, and hides them.
pub(super) fn take(transaction: &Transaction<'_>, queue: &Queue, wanted: &Wanted) -> Sqlite<Vec<Stored>> {
    let mut received = due(transaction, queue, wanted)?;
    let mut hide = transaction.prepare_cached(
        "UPDATE message SET receipt = ?2, visible_ms = ?3, first_received_ms = ?4, receive_count = ?5 WHERE seq = ?1",
    )?;
    for stored in &mut received {
        stored.receipt = format!("{}.{}", stored.seq, uuid::Uuid::now_v7().simple());
        stored.visible_ms = wanted.hidden_until;
        stored.receive_count += 1;
        if stored.first_received_ms == 0 {
            stored.first_received_ms = wanted.now;
        }
        hide.execute(params![
            stored.seq,
            stored.receipt,
            stored.visible_ms,
            stored.first_received_ms,
            stored.receive_count
        ])?;
    }
    Ok(received)
}

/// The visible messages, those first that have been so longest, or shuffled.
fn due(transaction: &Transaction<'_>, queue: &Queue, wanted: &Wanted) -> Sqlite<Vec<Stored>> {
    let mut due = transaction.prepare_cached(TAKE)?;
    let oldest = wanted.now - ms(queue.retention);
    let window = if wanted.shuffle.is_some() { wanted.max.max(SHUFFLED_MAX) } else { wanted.max };
    let limit = i64::try_from(window).unwrap_or(i64::MAX);
    let mut received: Vec<Stored> =
        due.query_map(params![queue.name, wanted.now, oldest, limit], Stored::read)?.collect::<Sqlite<_>>()?;
    if let Some(shuffle) = wanted.shuffle {
        received.sort_by_cached_key(|stored| shuffle.rank(&queue.name, stored.seq));
        received.truncate(wanted.max);
    }
    Ok(received)
}

/// Shows a message again while its receiver works on it.
pub(super) fn show_at_once(transaction: &Transaction<'_>, stored: &Stored, now: i64) -> Sqlite<()> {
    transaction.execute("UPDATE message SET visible_ms = ?2 WHERE seq = ?1", [stored.seq, now])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::super::super::state::State;
    use super::*;

    fn plan(state: &State, sql: &str) -> String {
        let connection = state.lock();
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explained.query_map(params!["q", 0, 0, 0], |row| row.get::<_, String>("detail")).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn receiving_looks_at_no_message_that_it_does_not_want() {
        let state = State::open(None).unwrap();
        let take = plan(&state, TAKE);
        assert!(take.contains("message_due (queue=? AND visible_ms<?)") && !take.contains("TEMP B-TREE"), "{take}");
        let bury = plan(&state, BURY);
        assert!(bury.contains("message_tried (queue=? AND receive_count>?)"), "{bury}");
    }
}
