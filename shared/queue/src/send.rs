//! Sending: what SQS could not take is sent again a few times, and told when that did not help.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use domain::event::Queue;
use serde::Serialize;

use crate::Queues;
use crate::error::QueueError;
use crate::message::{Message, batches};

/// A message that did not reach its queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Its place among those that were to be sent.
    pub index: usize,
    /// Why.
    pub error: QueueError,
}

/// What one request came to.
struct Answer {
    taken: BTreeSet<usize>,
    refused: BTreeMap<usize, QueueError>,
}

/// How often a message is sent that SQS could not take. Requests that fail as a whole, the SDK has sent again already.
const ATTEMPTS_MAX: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

impl Queues {
    /// Sends events, or what is due, to `queue` in their order, in batches; the error tells those that did not get
    /// there. One that got there may get there twice: consumers bear that.
    pub async fn send<M: Serialize>(&self, queue: Queue, bodies: &[&M]) -> Result<(), Vec<Unsent>> {
        let url = match self.url(queue) {
            Ok(url) => url,
            Err(error) => return Err((0..bodies.len()).map(|index| Unsent { index, error: error.clone() }).collect()),
        };
        let mut unsent = Vec::new();
        let mut messages = Vec::with_capacity(bodies.len());
        for (index, body) in bodies.iter().enumerate() {
            match Message::of(index, body) {
                Ok(message) => messages.push(message),
                Err(error) => unsent.push(Unsent { index, error: QueueError::Refused(error.to_string()) }),
            }
        }
        let mut batches = batches(messages).into_iter();
        while let Some(batch) = batches.next() {
            if let Err(error) = self.send_batch(url, batch, &mut unsent).await {
                // A queue that did not take this request would not take the next, and a caller has only so long.
                unsent.extend(batches.by_ref().flatten().map(|message| message.unsent(&error)));
            }
        }
        match unsent.is_empty() {
            true => Ok(()),
            false => Err(unsent),
        }
    }

    /// Sends one batch and adds to `unsent` what did not get there; `Err` when SQS did not take the request at all.
    async fn send_batch(&self, url: &str, mut batch: Vec<Message>, unsent: &mut Vec<Unsent>) -> Result<(), QueueError> {
        for attempt in 1.. {
            let mut answer = match self.send_once(url, &batch).await {
                Ok(answer) => answer,
                Err(error) => {
                    unsent.extend(batch.iter().map(|message| message.unsent(&error)));
                    return Err(error);
                }
            };
            batch.retain(|message| !answer.taken.contains(&message.index));
            let mut again = Vec::new();
            for message in batch {
                let silence = || QueueError::Unavailable("it said nothing about this message".into());
                match answer.refused.remove(&message.index).unwrap_or_else(silence) {
                    QueueError::Unavailable(_) if attempt < ATTEMPTS_MAX => again.push(message),
                    error => unsent.push(message.unsent(&error)),
                }
            }
            if again.is_empty() {
                break;
            }
            batch = again;
            tokio::time::sleep(PAUSE * attempt).await;
        }
        Ok(())
    }

    async fn send_once(&self, url: &str, batch: &[Message]) -> Result<Answer, QueueError> {
        let unmade = |_| QueueError::Refused("the request could not be made".into());
        let entries: Result<Vec<_>, _> = batch.iter().map(entry).collect();
        let call = self.client.send_message_batch().queue_url(url).set_entries(Some(entries.map_err(unmade)?));
        let answer = call.send().await.map_err(|error| QueueError::from_sdk(&error))?;
        Ok(Answer {
            taken: answer.successful().iter().filter_map(|taken| taken.id().parse().ok()).collect(),
            refused: answer.failed().iter().filter_map(refusal).collect(),
        })
    }
}

impl Message {
    fn unsent(&self, error: &QueueError) -> Unsent {
        Unsent { index: self.index, error: error.clone() }
    }
}

fn entry(message: &Message) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let entry = SendMessageBatchRequestEntry::builder().id(message.index.to_string());
    entry.message_body(&message.body).build()
}

/// SQS says of each message that it did not take whose fault that is; its own passes.
fn refusal(failed: &BatchResultErrorEntry) -> Option<(usize, QueueError)> {
    let index = failed.id().parse().ok()?;
    let error = match failed.sender_fault() {
        true => QueueError::Refused(format!("{}: {}", failed.code(), failed.message().unwrap_or_default())),
        false => QueueError::Unavailable(failed.code().to_owned()),
    };
    Some((index, error))
}
