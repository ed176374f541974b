//! Moving dead letters back to the queue that they come from.

use std::time::{Duration, Instant};

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, QueueAttributeName};

use crate::desk::Desk;
use crate::error::QueueError;

/// Who moves the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// SQS, by a task of its own; we do where it has none.
    Service,
    /// We, message by message. The local cloud's tasks never end.
    Hand,
}

/// What became of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is done; this many were moved.
    All(u64),
    /// SQS goes on with it; so many were moved when we stopped watching.
    GoesOn(u64),
}

/// While a message is sent and deleted nobody else needs it.
const MOVE_SECONDS: i32 = 60;
/// How long a task is watched.
const WATCH: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Desk {
    /// Moves the dead letters of queue `name` back to it.
    pub async fn redrive(&self, name: &str, mover: Mover) -> Result<Moved, QueueError> {
        let (from, to) = (self.url(&format!("{name}-dlq")).await?, self.url(name).await?);
        match mover {
            Mover::Hand => self.move_by_hand(&from, &to).await,
            Mover::Service => match self.start_task(&from, &to).await? {
                Some(source) => self.watch_task(&source).await,
                None => self.move_by_hand(&from, &to).await,
            },
        }
    }

    /// The ARN of the queue that is being emptied; `None` when this service knows no such tasks.
    async fn start_task(&self, from: &str, to: &str) -> Result<Option<String>, QueueError> {
        let (source, destination) = (self.arn(from).await?, self.arn(to).await?);
        let call = self.client.start_message_move_task().source_arn(&source).destination_arn(destination);
        match call.send().await {
            Ok(_) => Ok(Some(source)),
            Err(error) => match error.code().and_then(|code| code.rsplit(['.', '#']).next()) {
                Some("UnknownOperationException" | "InvalidAction") => Ok(None),
                _ => Err(QueueError::from_sdk(&error)),
            },
        }
    }

    async fn watch_task(&self, source: &str) -> Result<Moved, QueueError> {
        let started = Instant::now();
        loop {
            let call = self.client.list_message_move_tasks().source_arn(source).max_results(1);
            let answer = call.send().await.map_err(|error| QueueError::from_sdk(&error))?;
            let Some(task) = answer.results().first() else { return Ok(Moved::GoesOn(0)) };
            let moved = u64::try_from(task.approximate_number_of_messages_moved()).unwrap_or_default();
            match task.status() {
                Some("RUNNING") if started.elapsed() < WATCH => tokio::time::sleep(LOOK_AGAIN).await,
                Some("RUNNING") => return Ok(Moved::GoesOn(moved)),
                Some("COMPLETED") => return Ok(Moved::All(moved)),
                other => {
                    let why = task.failure_reason().or(other).unwrap_or("it says nothing");
                    return Err(QueueError::Refused(format!("the move ended after {moved} messages: {why}")));
                }
            }
        }
    }

    /// Sends each message before it deletes it: dying in between doubles one, and consumers act once per event. Ends
    /// after as many as there were, or what fails again at once would go round for ever.
    async fn move_by_hand(&self, from: &str, to: &str) -> Result<Moved, QueueError> {
        let attributes = self.attributes(from).await?;
        let there = attributes.get(&QueueAttributeName::ApproximateNumberOfMessages);
        let there = there.and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
        let mut moved = 0;
        while moved < there {
            let messages = self.receive(from, MOVE_SECONDS).await?;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                self.move_one(from, to, message).await?;
                moved += 1;
            }
        }
        Ok(Moved::All(moved))
    }

    async fn move_one(&self, from: &str, to: &str, message: Message) -> Result<(), QueueError> {
        let call = self.client.send_message().queue_url(to).set_message_body(message.body);
        let sent = call.set_message_attributes(message.message_attributes).send().await;
        sent.map_err(|error| QueueError::from_sdk(&error))?;
        let call = self.client.delete_message().queue_url(from).set_receipt_handle(message.receipt_handle);
        call.send().await.map(drop).map_err(|error| QueueError::from_sdk(&error))
    }

    async fn arn(&self, url: &str) -> Result<String, QueueError> {
        let arn = self.attributes(url).await?.remove(&QueueAttributeName::QueueArn);
        arn.ok_or_else(|| QueueError::Refused(format!("{url} has no ARN")))
    }
}
