//! Queues as their operator handles them, in `souk-admin`: found by name, looked into without losing anything, and their
//! dead letters moved back. Functions are told URLs and only send.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use domain::Time;
use domain::event::Queue;

use crate::error::QueueError;

/// The queues of one stage.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) client: Client,
    prefix: String,
}

/// How full a queue is; SQS says about, not exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Waiting, those with a delay included.
    pub visible: u64,
    /// Received and not yet deleted.
    pub in_flight: u64,
}

/// A message that was looked at and left where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeked {
    /// SQS's id of it.
    pub id: String,
    /// When it was sent, if SQS says so.
    pub sent_at: Option<Time>,
    /// What it holds.
    pub body: String,
}

/// How long a message that is looked at is hidden, in seconds: it comes back by itself when the tool dies.
const LOOK_SECONDS: i32 = 30;
/// Long polling asks all servers of SQS, short polling some.
const WAIT_SECONDS: i32 = 1;
/// What one request may bring.
pub(crate) const RECEIVE_MAX: i32 = 10;

impl Desk {
    /// The queues of `stage`, whose names are `souk-{stage}-{queue}`; dead letters lie in `{name}-dlq`. No call is made
    /// yet. Patient: a person waits at the other end, perhaps on another continent.
    pub fn connect(config: &SdkConfig, stage: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(10))
            .operation_timeout(Duration::from_secs(30))
            .build();
        let config = Builder::from(config).timeout_config(timeouts).build();
        Desk { client: Client::from_conf(config), prefix: format!("souk-{stage}-") }
    }

    /// The URL of a queue by its short name, as `mailer` or `mailer-dlq`.
    pub async fn url(&self, name: &str) -> Result<String, QueueError> {
        let answer = self.client.get_queue_url().queue_name(format!("{}{name}", self.prefix)).send().await;
        let answer = answer.map_err(|error| QueueError::from_sdk(&error))?;
        answer.queue_url.ok_or_else(|| QueueError::Refused(format!("queue {name} has no URL")))
    }

    /// The URLs of all queues that events travel on.
    pub async fn urls(&self) -> Result<BTreeMap<Queue, String>, QueueError> {
        let mut urls = BTreeMap::new();
        for queue in Queue::OF_EVENTS {
            urls.insert(queue, self.url(queue.as_str()).await?);
        }
        Ok(urls)
    }

    /// How full a queue is.
    pub async fn depth(&self, name: &str) -> Result<Depth, QueueError> {
        let attributes = self.attributes(&self.url(name).await?).await?;
        let count = |name| attributes.get(&name).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
        Ok(Depth {
            visible: count(QueueAttributeName::ApproximateNumberOfMessages)
                + count(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
            in_flight: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        })
    }

    pub(crate) async fn attributes(
        &self,
        url: &str,
    ) -> Result<std::collections::HashMap<QueueAttributeName, String>, QueueError> {
        let call = self.client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
        let answer = call.send().await.map_err(|error| QueueError::from_sdk(&error))?;
        Ok(answer.attributes.unwrap_or_default())
    }

    /// Up to `limit` messages, which stay: they are received for a moment and given back. For dead-letter queues: in
    /// others each look counts as a delivery.
    pub async fn peek(&self, name: &str, limit: usize) -> Result<Vec<Peeked>, QueueError> {
        let url = self.url(name).await?;
        let (mut seen, mut received) = (BTreeSet::new(), Vec::new());
        while received.len() < limit {
            let messages = self.receive(&url, LOOK_SECONDS).await?;
            // Nothing more, or nothing new because looking took longer than messages stay hidden.
            let new: Vec<Message> =
                messages.into_iter().filter(|message| seen.insert(message.message_id.clone())).collect();
            if new.is_empty() {
                break;
            }
            received.extend(new);
        }
        self.give_back(&url, &received).await;
        received.truncate(limit);
        Ok(received.into_iter().map(peeked).collect())
    }

    pub(crate) async fn receive(&self, url: &str, hidden_seconds: i32) -> Result<Vec<Message>, QueueError> {
        let call = self.client.receive_message().queue_url(url).max_number_of_messages(RECEIVE_MAX);
        let call = call.visibility_timeout(hidden_seconds).wait_time_seconds(WAIT_SECONDS);
        let call = call.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let answer = call.message_attribute_names("All").send().await;
        Ok(answer.map_err(|error| QueueError::from_sdk(&error))?.messages.unwrap_or_default())
    }

    /// Shows messages again at once. Where that fails they show themselves in a moment.
    async fn give_back(&self, url: &str, messages: &[Message]) {
        for batch in messages.chunks(10) {
            let entries = batch.iter().enumerate().filter_map(|(n, message)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(n.to_string());
                entry.set_receipt_handle(message.receipt_handle.clone()).visibility_timeout(0).build().ok()
            });
            let call = self.client.change_message_visibility_batch().queue_url(url);
            let _ = call.set_entries(Some(entries.collect())).send().await;
        }
    }
}

fn peeked(message: Message) -> Peeked {
    let attributes = message.attributes.unwrap_or_default();
    let sent = attributes.get(&MessageSystemAttributeName::SentTimestamp).and_then(|millis| millis.parse().ok());
    Peeked {
        id: message.message_id.unwrap_or_default(),
        sent_at: sent.map(Time::from_millis),
        body: message.body.unwrap_or_default(),
    }
}
