//! The storage behind winterbaume's SQS: queues are kept by its own in-memory storage, messages by [`Messages`].

use super::convert::{kept, message_of, settings_of};
use super::messages::Messages;
use crate::template::{Queue, queue_arn};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use winterbaume_sqs::state::SqsError;
use winterbaume_sqs::types::{Message, MessageAttribute, MessageMoveTask, Queue as SqsQueue};
use winterbaume_sqs::{InMemorySqsBackend, SendMessageOutput, SqsBackend, SqsStateView, StateViewError};

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Answer<T> = Later<Result<T, SqsError>>;
type Texts = HashMap<String, String>;

pub(super) struct Backend {
    queues: InMemorySqsBackend,
    messages: Messages,
}

impl Backend {
    pub fn new(messages: Messages) -> Backend {
        Backend { queues: InMemorySqsBackend::new(), messages }
    }

    /// Creates a queue of the template.
    pub async fn declare(&self, queue: &Queue) -> Result<(), SqsError> {
        let seconds = |duration: Duration| duration.as_secs().to_string();
        let mut attributes = HashMap::from([
            ("VisibilityTimeout".to_owned(), seconds(queue.visibility_timeout)),
            ("MessageRetentionPeriod".to_owned(), seconds(queue.retention)),
            ("DelaySeconds".to_owned(), seconds(queue.delay)),
            ("MaximumMessageSize".to_owned(), queue.message_size_max_bytes.to_string()),
        ]);
        if let Some(redrive) = &queue.redrive {
            let policy = serde_json::json!({
                "deadLetterTargetArn": queue_arn(&redrive.dead_letter_queue),
                "maxReceiveCount": redrive.receive_count_max,
            });
            attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        let (account, region) = (crate::template::ACCOUNT.to_owned(), crate::template::REGION.to_owned());
        let created = self.create_queue(account, region, queue.name.clone(), attributes, None);
        created.await.map(drop)
    }
}

fn internal(error: rusqlite::Error) -> SqsError {
    SqsError::InternalError(error.to_string())
}

fn checked(known: bool, receipt_handle: String) -> Result<(), SqsError> {
    if known { Ok(()) } else { Err(SqsError::InvalidReceiptHandle { receipt_handle }) }
}

impl SqsBackend for Backend {
    fn create_queue(
        &self,
        account: String,
        region: String,
        name: String,
        attributes: Texts,
        tags: Option<Texts>,
    ) -> Answer<SqsQueue> {
        if name.ends_with(".fifo") {
            return Box::pin(async { Err(SqsError::InvalidFifoQueueName) });
        }
        let settings = settings_of(&name, &attributes);
        let known = self.messages.settings.clone();
        let created = self.queues.create_queue(account, region, name, attributes, tags);
        Box::pin(async move {
            let queue = created.await?;
            known.set(&settings);
            Ok(queue)
        })
    }

    fn delete_queue(&self, account: String, region: String, queue: String) -> Answer<()> {
        let messages = self.messages.clone();
        let deleted = self.queues.delete_queue(account, region, queue.clone());
        Box::pin(async move {
            deleted.await?;
            messages.settings.remove(&queue);
            messages.purge(&queue).map_err(internal)
        })
    }

    fn get_queue_url(&self, account: String, region: String, queue: String) -> Answer<String> {
        self.queues.get_queue_url(account, region, queue)
    }

    fn get_queue_attributes(&self, account: String, region: String, queue: String) -> Answer<Texts> {
        let messages = self.messages.clone();
        let attributes = self.queues.get_queue_attributes(account, region, queue.clone());
        Box::pin(async move {
            let mut attributes = attributes.await?;
            let counts = messages.counts(&queue).map_err(internal)?;
            let suffixes = [("", counts.visible), ("NotVisible", counts.in_flight), ("Delayed", counts.delayed)];
            for (suffix, count) in suffixes {
                attributes.insert(format!("ApproximateNumberOfMessages{suffix}"), count.to_string());
            }
            Ok(attributes)
        })
    }

    fn set_queue_attributes(&self, account: String, region: String, queue: String, attributes: Texts) -> Answer<()> {
        let known = self.messages.settings.clone();
        let (account_again, region_again) = (account.clone(), region.clone());
        let set = self.queues.set_queue_attributes(account, region, queue.clone(), attributes);
        let all = self.queues.get_queue_attributes(account_again, region_again, queue.clone());
        Box::pin(async move {
            set.await?;
            known.set(&settings_of(&queue, &all.await?));
            Ok(())
        })
    }

    fn list_queues(&self, account: String, region: String, prefix: Option<String>) -> Answer<Vec<SqsQueue>> {
        self.queues.list_queues(account, region, prefix)
    }

    fn send_message(
        &self,
        account: String,
        region: String,
        queue: String,
        body: String,
        delay_seconds: Option<u32>,
        attributes: HashMap<String, MessageAttribute>,
        _group_id: Option<String>,
        _deduplication_id: Option<String>,
    ) -> Answer<SendMessageOutput> {
        let messages = self.messages.clone();
        let exists = self.queues.get_queue_url(account, region, queue.clone());
        Box::pin(async move {
            exists.await?;
            let default = messages.settings.get(&queue).map_or(Duration::ZERO, |queue| queue.delay);
            let delay = delay_seconds.map_or(default, |seconds| Duration::from_secs(seconds.into()));
            let sent = messages.send(&queue, &body, &kept(attributes), delay).map_err(internal)?;
            Ok(SendMessageOutput { message_id: sent.id, body_md5: sent.body_md5 })
        })
    }

    fn receive_messages(
        &self,
        account: String,
        region: String,
        queue: String,
        max: usize,
        visibility_timeout: Option<u32>,
    ) -> Answer<Vec<Message>> {
        let messages = self.messages.clone();
        let exists = self.queues.get_queue_url(account, region, queue.clone());
        Box::pin(async move {
            exists.await?;
            let timeout = visibility_timeout.map(|seconds| Duration::from_secs(seconds.into()));
            let received = messages.receive(&queue, max, timeout).map_err(internal)?;
            Ok(received.into_iter().map(message_of).collect())
        })
    }

    fn delete_message(&self, account: String, region: String, queue: String, receipt: String) -> Answer<()> {
        let messages = self.messages.clone();
        let exists = self.queues.get_queue_url(account, region, queue.clone());
        Box::pin(async move {
            exists.await?;
            let known = messages.delete(&queue, &receipt).map_err(internal)?;
            checked(known, receipt)
        })
    }

    fn purge_queue(&self, account: String, region: String, queue: String) -> Answer<()> {
        let messages = self.messages.clone();
        let exists = self.queues.get_queue_url(account, region, queue.clone());
        Box::pin(async move {
            exists.await?;
            messages.purge(&queue).map_err(internal)
        })
    }

    fn change_message_visibility(
        &self,
        account: String,
        region: String,
        queue: String,
        receipt: String,
        seconds: u32,
    ) -> Answer<()> {
        let messages = self.messages.clone();
        let exists = self.queues.get_queue_url(account, region, queue.clone());
        Box::pin(async move {
            exists.await?;
            let timeout = Duration::from_secs(seconds.into());
            let known = messages.change_visibility(&queue, &receipt, timeout).map_err(internal)?;
            checked(known, receipt)
        })
    }

    fn change_message_visibility_batch(
        &self,
        account: String,
        region: String,
        queue: String,
        entries: Vec<(String, String, u32)>,
    ) -> Answer<Vec<String>> {
        let messages = self.messages.clone();
        let exists = self.queues.get_queue_url(account, region, queue.clone());
        Box::pin(async move {
            exists.await?;
            let mut changed = Vec::new();
            for (id, receipt, seconds) in entries {
                let timeout = Duration::from_secs(seconds.into());
                if messages.change_visibility(&queue, &receipt, timeout).map_err(internal)? {
                    changed.push(id);
                }
            }
            Ok(changed)
        })
    }

    fn list_queue_tags(&self, account: String, region: String, queue: String) -> Answer<Texts> {
        self.queues.list_queue_tags(account, region, queue)
    }

    fn tag_queue(&self, account: String, region: String, queue: String, tags: Texts) -> Answer<()> {
        self.queues.tag_queue(account, region, queue, tags)
    }

    fn untag_queue(&self, account: String, region: String, queue: String, keys: Vec<String>) -> Answer<()> {
        self.queues.untag_queue(account, region, queue, keys)
    }

    fn add_permission(
        &self,
        account: String,
        region: String,
        queue: String,
        label: String,
        accounts: Vec<String>,
        actions: Vec<String>,
    ) -> Answer<()> {
        self.queues.add_permission(account, region, queue, label, accounts, actions)
    }

    fn remove_permission(&self, account: String, region: String, queue: String, label: String) -> Answer<()> {
        self.queues.remove_permission(account, region, queue, label)
    }

    fn list_dead_letter_source_queues(&self, account: String, region: String, queue: String) -> Answer<Vec<String>> {
        self.queues.list_dead_letter_source_queues(account, region, queue)
    }

    fn start_message_move_task(
        &self,
        account: String,
        region: String,
        source: String,
        destination: Option<String>,
        per_second: Option<i32>,
    ) -> Answer<String> {
        let messages = self.messages.clone();
        let name = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
        let from = name(&source);
        let to = destination.as_deref().map(name);
        let started = self.queues.start_message_move_task(account, region, source, destination, per_second);
        Box::pin(async move {
            let handle = started.await?;
            let feeds = |queue: &Queue| {
                let redrive = queue.redrive.as_ref();
                redrive.is_some_and(|redrive| redrive.dead_letter_queue == from)
            };
            let sources = messages.settings.all().into_iter().filter(feeds);
            let targets: Vec<String> = match to {
                Some(queue) => vec![queue],
                None => sources.map(|queue| queue.name).collect(),
            };
            for target in targets {
                messages.move_all(&from, &target).map_err(internal)?;
            }
            Ok(handle)
        })
    }

    fn cancel_message_move_task(&self, account: String, region: String, handle: String) -> Answer<i64> {
        self.queues.cancel_message_move_task(account, region, handle)
    }

    fn list_message_move_tasks(&self, account: String, region: String, source: String) -> Answer<Vec<MessageMoveTask>> {
        self.queues.list_message_move_tasks(account, region, source)
    }

    fn scopes_with_state(&self) -> Vec<(String, String)> {
        self.queues.scopes_with_state()
    }

    fn snapshot(&self, account: String, region: String) -> Later<SqsStateView> {
        self.queues.snapshot(account, region)
    }

    fn restore(&self, account: String, region: String, view: SqsStateView) -> Later<Result<(), StateViewError>> {
        self.queues.restore(account, region, view)
    }

    fn merge(&self, account: String, region: String, view: SqsStateView) -> Later<Result<(), StateViewError>> {
        self.queues.merge(account, region, view)
    }
}
