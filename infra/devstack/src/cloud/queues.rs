//! SQS: winterbaume speaks the protocol, the messages are rows of `state.sqlite`.

mod backend;
mod convert;
mod limits;
mod messages;
mod receiving;
mod settings;
mod tally;

use super::call::Call;
use super::faults::Faults;
use super::state::State;
use super::tap::{Exchange, mock_request};
use super::{Cloud, CloudError};
use crate::template::{Queue, REGION, queue_arn};
use backend::Backend;
use messages::Messages;
use receiving::Stored;
use serde::{Deserialize, Serialize};
use settings::Settings;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use winterbaume_core::{MockResponse, MockService};
use winterbaume_sqs::SqsService;

/// How long an idle receiver sleeps at most before it looks again for messages that became visible by time.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// A received message in the shape of `Records` of Lambda's SQS event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueMessage {
    pub message_id: String,
    pub receipt_handle: String,
    pub body: String,
    pub attributes: BTreeMap<String, String>,
    pub message_attributes: BTreeMap<String, MessageAttribute>,
    pub md5_of_body: String,
    pub event_source: String,
    #[serde(rename = "eventSourceARN")]
    pub event_source_arn: String,
    pub aws_region: String,
}

/// One attribute of a message; binary values in Base64.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageAttribute {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
    #[serde(default)]
    pub string_list_values: Vec<String>,
    #[serde(default)]
    pub binary_list_values: Vec<String>,
    pub data_type: String,
}

/// How full a queue is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueDepth {
    pub name: String,
    pub visible: usize,
    pub in_flight: usize,
    /// Sent with a delay that is not over.
    pub delayed: usize,
    pub dlq_depth: usize,
    /// Messages that were ever sent. Each is still here, in the dead letter queue, or done.
    pub sent: u64,
    /// Messages that were deleted after they were received.
    pub done: u64,
}

pub(super) struct Queues {
    service: SqsService,
    messages: Messages,
    settings: Arc<Settings>,
}

impl Queues {
    /// Declares the queues; what was in flight when the last process ended becomes visible.
    pub async fn start(state: Arc<State>, queues: &[Queue], faults: Faults) -> Result<Queues, CloudError> {
        let settings = Arc::new(Settings::default());
        let messages = Messages::new(state, Arc::clone(&settings), faults)?;
        messages.release_in_flight()?;
        let backend = Arc::new(Backend::new(messages.clone()));
        for queue in queues {
            backend.declare(queue).await.map_err(|error| CloudError::Sqs(format!("{}: {error}", queue.name)))?;
            settings.set(queue);
        }
        Ok(Queues { service: SqsService::with_backend(backend), messages, settings })
    }

    pub async fn serve(&self, call: &Call, exchange: Exchange) -> MockResponse {
        match limits::refusal(&call.operation, &exchange.body, &self.settings) {
            Some(refusal) => refusal,
            None => self.service.handle(mock_request(exchange)).await,
        }
    }

    pub fn clear(&self) -> Result<(), CloudError> {
        Ok(self.messages.clear()?)
    }

    pub fn expire(&self) -> Result<(), CloudError> {
        Ok(self.messages.expire()?)
    }

    fn known(&self, queue: &str) -> Result<Queue, CloudError> {
        let unknown = || CloudError::UnknownQueue(queue.to_owned());
        self.settings.get(queue).ok_or_else(unknown)
    }
}

impl Cloud {
    /// The depth of every queue that is not itself a dead letter queue, by full name.
    pub async fn queues(&self) -> Result<Vec<QueueDepth>, CloudError> {
        let queues = &self.parts.queues;
        let mut depths = Vec::new();
        for queue in queues.settings.all() {
            if queues.settings.is_dead_letter_queue(&queue.name) {
                continue;
            }
            let (counts, dead, tally) = queues.messages.standing(&queue)?;
            depths.push(QueueDepth {
                name: queue.name,
                visible: counts.visible,
                in_flight: counts.in_flight,
                delayed: counts.delayed,
                dlq_depth: dead.total(),
                sent: tally.sent,
                done: tally.done,
            });
        }
        Ok(depths)
    }

    /// Moves everything in the queue's dead letter queue back; answers how many messages.
    pub async fn redrive(&self, queue: &str) -> Result<usize, CloudError> {
        let known = self.parts.queues.known(queue)?;
        let redrive = known.redrive.ok_or_else(|| CloudError::NoDeadLetterQueue(queue.to_owned()))?;
        let messages = &self.parts.queues.messages;
        Ok(messages.move_all(&redrive.dead_letter_queue, queue)?)
    }

    /// Receives up to `max` messages, waiting up to `wait` for the first.
    pub async fn receive(&self, queue: &str, max: usize, wait: Duration) -> Result<Vec<QueueMessage>, CloudError> {
        let queues = &self.parts.queues;
        queues.known(queue)?;
        let deadline = Instant::now() + wait;
        loop {
            // Asked for before looking, so that a message sent in between is not slept over.
            let arrival = queues.messages.arrival();
            let received = queues.messages.receive(queue, max, None)?;
            let now = Instant::now();
            if !received.is_empty() || now >= deadline {
                let shaped = received.into_iter().map(|stored| shaped(queue, stored));
                return Ok(shaped.collect());
            }
            let pause = LOOK_AGAIN.min(deadline - now);
            let _ = tokio::time::timeout(pause, arrival).await;
        }
    }

    /// Deletes a received message.
    pub async fn delete(&self, queue: &str, receipt_handle: &str) -> Result<(), CloudError> {
        self.parts.queues.known(queue)?;
        self.parts.queues.messages.delete(queue, receipt_handle)?;
        Ok(())
    }

    /// Hides a received message for so long from now; zero shows it at once.
    pub async fn change_visibility(
        &self,
        queue: &str,
        receipt_handle: &str,
        timeout: Duration,
    ) -> Result<(), CloudError> {
        self.parts.queues.known(queue)?;
        let messages = &self.parts.queues.messages;
        messages.change_visibility(queue, receipt_handle, timeout)?;
        Ok(())
    }

    /// Sends a message; answers its id.
    pub async fn send(&self, queue: &str, body: &str) -> Result<String, CloudError> {
        let known = self.parts.queues.known(queue)?;
        let messages = &self.parts.queues.messages;
        Ok(messages.send(queue, body, &BTreeMap::new(), known.delay)?.id)
    }
}

fn shaped(queue: &str, stored: Stored) -> QueueMessage {
    QueueMessage {
        attributes: stored.system_attributes(),
        message_id: stored.id,
        receipt_handle: stored.receipt,
        body: stored.body,
        message_attributes: stored.attributes,
        md5_of_body: stored.body_md5,
        event_source: "aws:sqs".to_owned(),
        event_source_arn: queue_arn(queue),
        aws_region: REGION.to_owned(),
    }
}
