//! Sending events again to the queues of their rows. Harmless, since consumers act once per event id; with one bound,
//! which this file keeps: `mailer` remembers a mail for thirty days only.

use std::collections::BTreeMap;

use domain::Time;
use domain::event::{Event, Queue};
use domain::identity::webhook::delivery;
use queue::Queues;
use serde::Serialize;
use store::mails;

use crate::{AdminError, Souk};

/// What was sent again, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resent {
    /// Events by type.
    pub events: BTreeMap<String, u64>,
    /// Messages by queue.
    pub sent: BTreeMap<&'static str, u64>,
    /// Messages that a queue did not take: run it again.
    pub unsent: u64,
    /// Events that no queue wants.
    pub unwanted: u64,
    /// Messages that would be mailed or sent to integrators a second time, because it has been forgotten that they were.
    pub too_old: u64,
    /// Types that this tool knows nothing of: it is older than what wrote them.
    pub unknown: BTreeMap<String, u64>,
}

/// Whether anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Send.
    Send,
    /// Only count.
    DryRun,
}

/// Collects events and sends them in batches.
pub struct Resend {
    queues: Queues,
    now: Time,
    mode: Mode,
    waiting: BTreeMap<Queue, Vec<Event>>,
    resent: Resent,
}

/// So many events are kept back at most before they are sent.
const WAITING_MAX: usize = 100;

impl Resend {
    /// Finds the queues.
    pub async fn begin(souk: &Souk, mode: Mode) -> Result<Self, AdminError> {
        let queues = Queues::connect(&souk.config, souk.desk.urls().await?);
        let now = souk.clock.now();
        Ok(Resend { queues, now, mode, waiting: BTreeMap::new(), resent: Resent::default() })
    }

    /// Takes one event.
    pub async fn take(&mut self, event: Event) {
        let Some(row) = event.row() else {
            *self.resent.unknown.entry(event.name).or_default() += 1;
            return;
        };
        *self.resent.events.entry(event.name.clone()).or_default() += 1;
        if row.wanted_by().next().is_none() {
            self.resent.unwanted += 1;
        }
        for queue in row.wanted_by() {
            let age = self.now.millis_since(event.occurred_at);
            let remembered_seconds = match queue {
                Queue::Mailer => mails::KEPT_SECONDS,
                Queue::WebhookSender => delivery::KEPT_SECONDS,
                _ => i64::MAX / 1000,
            };
            if age >= remembered_seconds * 1000 {
                self.resent.too_old += 1;
                continue;
            }
            let waiting = self.waiting.entry(queue).or_default();
            waiting.push(event.clone());
            if waiting.len() >= WAITING_MAX {
                self.send(queue).await;
            }
        }
    }

    /// Sends what is left.
    pub async fn end(mut self) -> Resent {
        for queue in Queue::OF_EVENTS {
            self.send(queue).await;
        }
        self.resent
    }

    async fn send(&mut self, queue: Queue) {
        let waiting = self.waiting.remove(&queue).unwrap_or_default();
        let events: Vec<&Event> = waiting.iter().collect();
        let unsent = match self.mode {
            Mode::Send if !events.is_empty() => self.queues.send(queue, &events).await.err().map_or(0, |u| u.len()),
            _ => 0,
        };
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        self.resent.unsent += count(unsent);
        if events.len() > unsent {
            *self.resent.sent.entry(queue.as_str()).or_default() += count(events.len() - unsent);
        }
    }
}

impl Resent {
    /// Whether everything that could be read got where it belongs.
    pub fn is_complete(&self) -> bool {
        self.unsent == 0 && self.unknown.is_empty()
    }
}
