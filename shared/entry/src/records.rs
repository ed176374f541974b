//! The table's stream, as `outbox-relay` sees it.

use domain::event::Event;

/// One committed item that told events.
#[derive(Clone, Debug)]
pub struct Record {
    /// The record's place in its shard: failures are told by it.
    pub sequence: String,
    /// What it told.
    pub events: Vec<Event>,
}
