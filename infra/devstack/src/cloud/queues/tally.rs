//! What became of the messages of each queue, counted beside them: whoever sees `sent` and `done` of a queue and what lies
//! in it knows whether one was lost.
//!
//! A message is *sent* once, when SendMessage is answered for it, and *done* once, when its row is deleted by a receipt
//! handle. Being received again, however often, changes nothing, and neither do burial in the dead letter queue and the way
//! back: those move the row. What a retention period removes was sent and is never done, so that the loss shows.

use super::messages::{Counts, Sqlite};
use rusqlite::{Connection, params};

/// What became of the messages of one queue since the cloud was empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub sent: u64,
    pub done: u64,
}

/// Rows of a data folder that was made before they were counted count as sent.
pub(super) fn begin(connection: &Connection) -> Sqlite<()> {
    connection.execute(
        "INSERT INTO tally (queue, sent, done) SELECT queue, COUNT(*), 0 FROM message
         WHERE NOT EXISTS (SELECT 1 FROM tally) GROUP BY queue",
        [],
    )?;
    Ok(())
}

/// Counts messages that were inserted.
pub(super) fn sent(connection: &Connection, queue: &str, messages: usize) -> Sqlite<()> {
    add(connection, queue, i64::try_from(messages).unwrap_or(i64::MAX), 0)
}

/// Counts messages that were deleted by their receipt handles.
pub(super) fn done(connection: &Connection, queue: &str, messages: usize) -> Sqlite<()> {
    add(connection, queue, 0, i64::try_from(messages).unwrap_or(i64::MAX))
}

/// Purged messages are as if never sent: somebody wanted that.
pub(super) fn purged(connection: &Connection, queue: &str, messages: usize) -> Sqlite<()> {
    add(connection, queue, -i64::try_from(messages).unwrap_or(i64::MAX), 0)
}

fn add(connection: &Connection, queue: &str, sent: i64, done: i64) -> Sqlite<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO tally (queue, sent, done) VALUES (?1, ?2, ?3)
         ON CONFLICT (queue) DO UPDATE SET sent = sent + ?2, done = done + ?3",
    )?;
    statement.execute(params![queue, sent, done])?;
    Ok(())
}

/// Of a queue together with its dead letter queue: a letter that was sent or taken there directly counts as well, so that
/// moving it back by SendMessage and DeleteMessage keeps the sum.
pub(super) fn of(connection: &Connection, queue: &str, dead_letter_queue: Option<&str>) -> Sqlite<Tally> {
    connection.query_row(
        "SELECT COALESCE(SUM(sent), 0), COALESCE(SUM(done), 0) FROM tally WHERE queue = ?1 OR queue = ?2",
        params![queue, dead_letter_queue],
        |row| Ok(Tally { sent: whole(row.get(0)?), done: whole(row.get(1)?) }),
    )
}

/// How many messages lie in a queue at `now`.
pub(super) fn lying(connection: &Connection, queue: &str, now: i64) -> Sqlite<Counts> {
    connection.query_row(
        "SELECT COALESCE(SUM(visible_ms <= ?2), 0),
                COALESCE(SUM(visible_ms > ?2 AND receive_count > 0), 0),
                COALESCE(SUM(visible_ms > ?2 AND receive_count = 0), 0)
         FROM message WHERE queue = ?1",
        params![queue, now],
        |row| Ok(Counts { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? }),
    )
}

fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
