//! What comes by the queue.

use domain::event::Event;
use domain::identity::waits::WebhookRetry;
use serde::Deserialize;

/// Something to send.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// An event, from `outbox-relay`.
    Event(Box<Event>),
    /// A delivery that failed and is to be tried again: from this function, or from the due list.
    Retry(WebhookRetry),
}
