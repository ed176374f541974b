//! How events, and what is due, travel: the only crate that knows SQS. Each is one message, its body the same as JSON.

pub mod desk;
mod error;
mod later;
mod message;
pub mod redrive;
mod send;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::event::Queue;

pub use error::QueueError;
pub use send::Unsent;

/// The queues; cheap to clone.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    urls: Arc<BTreeMap<Queue, String>>,
}

impl Queues {
    /// A client of the process's AWS settings. No call is made yet; one that gets no answer leaves time for another.
    pub fn connect(config: &SdkConfig, urls: BTreeMap<Queue, String>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(3))
            .operation_timeout(Duration::from_secs(8))
            .build();
        let config = Builder::from(config).timeout_config(timeouts).build();
        Queues { client: Client::from_conf(config), urls: Arc::new(urls) }
    }

    /// Whether `queue` is there and answers.
    pub async fn probe(&self, queue: Queue) -> Result<(), QueueError> {
        let call = self.client.get_queue_attributes().queue_url(self.url(queue)?);
        let answer = call.attribute_names(QueueAttributeName::QueueArn).send().await;
        answer.map(|_| ()).map_err(|error| QueueError::from_sdk(&error))
    }

    fn url(&self, queue: Queue) -> Result<&str, QueueError> {
        self.urls.get(&queue).map(String::as_str).ok_or(QueueError::Unknown(queue.as_str()))
    }
}

/// The setting that holds the URL of `queue`: `QUEUE_` and its name in capitals.
pub fn setting(queue: Queue) -> &'static str {
    match queue {
        Queue::Mailer => "QUEUE_MAILER",
        Queue::Projector => "QUEUE_PROJECTOR",
        Queue::WebhookSender => "QUEUE_WEBHOOK_SENDER",
        Queue::Due => "QUEUE_DUE",
    }
}

/// The URLs of `queues`, each as `read` finds it under the setting's name.
pub fn urls<E>(
    queues: &[Queue],
    read: impl Fn(&'static str) -> Result<String, E>,
) -> Result<BTreeMap<Queue, String>, E> {
    queues.iter().map(|queue| Ok((*queue, read(setting(*queue))?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_named_after_their_queues() {
        for queue in Queue::ALL {
            let name = queue.as_str().to_uppercase().replace('-', "_");
            assert_eq!(setting(queue), format!("QUEUE_{name}"));
        }
    }

    #[test]
    fn a_missing_url_is_told_by_the_name_of_its_setting() {
        assert_eq!(urls(&[Queue::Due], Err::<String, _>), Err("QUEUE_DUE"));
    }
}
