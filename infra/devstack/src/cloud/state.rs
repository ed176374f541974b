//! The SQLite file behind queues and mailbox.

use rusqlite::Connection;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One connection; its statements take microseconds, so callers take turns.
pub(super) struct State(Mutex<Connection>);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS message (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        queue TEXT NOT NULL,
        body TEXT NOT NULL,
        body_md5 TEXT NOT NULL,
        attributes TEXT NOT NULL,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        first_received_ms INTEGER,
        receive_count INTEGER NOT NULL DEFAULT 0,
        receipt TEXT,
        dead_letter_source TEXT
    );
    CREATE INDEX IF NOT EXISTS message_due ON message (queue, visible_ms);
    CREATE INDEX IF NOT EXISTS message_tried ON message (queue, receive_count);
    CREATE TABLE IF NOT EXISTS tally (
        queue TEXT PRIMARY KEY,
        sent INTEGER NOT NULL,
        done INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS mail (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        recipients TEXT NOT NULL,
        subject TEXT NOT NULL,
        text TEXT,
        html TEXT,
        sent_at TEXT NOT NULL
    );
";

impl State {
    /// Opens `state.sqlite` in the folder, or a database in memory.
    pub fn open(data_dir: Option<&Path>) -> Result<State, rusqlite::Error> {
        let connection = match data_dir {
            Some(dir) => Connection::open(dir.join("state.sqlite"))?,
            None => Connection::open_in_memory()?,
        };
        // A killed process loses nothing in this mode; only a power cut could take the last moments.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(State(Mutex::new(connection)))
    }

    /// The connection, for one unit of work.
    pub fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
