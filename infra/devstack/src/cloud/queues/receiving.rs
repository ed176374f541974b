//! Receiving: what is due is handed out, what was handed out too often is buried.

use super::MessageAttribute;
use super::messages::{Sqlite, ms};
use crate::template::{Queue, Redrive, queue_arn};
use rusqlite::{Row, Transaction, params};
use std::collections::BTreeMap;

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

/// Moves to the dead letter queue what would now be received once too often.
pub(super) fn bury(transaction: &Transaction<'_>, queue: &str, redrive: &Redrive, now: i64) -> Sqlite<()> {
    transaction.execute(
        "UPDATE message SET queue = ?2, visible_ms = ?3, receive_count = 0, first_received_ms = NULL,
                receipt = NULL, dead_letter_source = ?1
         WHERE queue = ?1 AND visible_ms <= ?3 AND receive_count >= ?4",
        params![queue, redrive.dead_letter_queue, now, redrive.receive_count_max],
    )?;
    Ok(())
}

/// Takes up to `max` messages that are visible `now` and hides them until `hidden_until`.
pub(super) fn take(
    transaction: &Transaction<'_>,
    queue: &Queue,
    max: usize,
    now: i64,
    hidden_until: i64,
) -> Sqlite<Vec<Stored>> {
    let mut due = transaction.prepare_cached(
        "SELECT * FROM message WHERE queue = ?1 AND visible_ms <= ?2 AND sent_ms >= ?3 ORDER BY seq LIMIT ?4",
    )?;
    let oldest = now - ms(queue.retention);
    let limit = i64::try_from(max).unwrap_or(i64::MAX);
    let mut received: Vec<Stored> =
        due.query_map(params![queue.name, now, oldest, limit], Stored::read)?.collect::<Sqlite<_>>()?;
    let mut hide = transaction.prepare_cached(
        "UPDATE message SET receipt = ?2, visible_ms = ?3, first_received_ms = ?4, receive_count = ?5 WHERE seq = ?1",
    )?;
    for stored in &mut received {
        stored.receipt = format!("{}.{}", stored.seq, uuid::Uuid::now_v7().simple());
        stored.visible_ms = hidden_until;
        stored.receive_count += 1;
        if stored.first_received_ms == 0 {
            stored.first_received_ms = now;
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
