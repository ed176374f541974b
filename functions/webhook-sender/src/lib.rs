//! Sends public events to the endpoints of those whom they concern, and again where that failed. A delivery is made and
//! tried at once (`deliver.rs`); what failed waits on the queue or on the due list and comes back as a message (`retry.rs`);
//! both make one attempt (`attempt.rs`).
//!
//! Everything may come any number of times and from several instances at once. So each attempt is claimed by its number
//! before and settled under it after: a crash in between sends again with the same `webhook-id`, never not at all.

mod attempt;
mod deliver;
mod health;
mod message;
mod retry;

use axum::extract::FromRef;
use domain::event::Queue;
use entry::{App, Aws, Environment, Keyring, Problem, Start, StartError};
use partners::webhook::{SystemResolver, WebhookClient};
use queue::Queues;

pub use message::Message;

/// What this function has at hand.
#[derive(Clone)]
pub struct WebhookSender {
    /// What every function has.
    pub app: App,
    /// What signing secrets are sealed with.
    pub keyring: Keyring,
    /// Where a first retry waits.
    pub queues: Queues,
    /// Who calls receivers.
    pub client: WebhookClient,
}

impl Start for WebhookSender {
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let url = |setting| environment.required(setting, "the URL of a queue").map(str::to_owned);
        let urls = queue::urls(&[Queue::WebhookSender], url)?;
        let client = WebhookClient::new(environment.webhook_reach(), SystemResolver);
        let client = client.map_err(|error| StartError::Wrong { name: "webhooks", reason: error.to_string() })?;
        let (app, keyring) = futures::try_join!(App::start(environment, aws), environment.keyring(aws))?;
        Ok(WebhookSender { app, keyring, queues: Queues::connect(aws.config(), urls), client })
    }
}

impl FromRef<WebhookSender> for App {
    fn from_ref(sender: &WebhookSender) -> App {
        sender.app.clone()
    }
}

/// Sends what a message asks for. A failure of ours, not of a receiver, brings the message back, and at last visibly into
/// the dead-letter queue.
pub async fn handle(sender: WebhookSender, message: Message) -> Result<(), Problem> {
    match message {
        Message::Event(event) => deliver::handle(&sender, &event).await,
        Message::Retry(retry) => retry::handle(&sender, &retry).await,
    }
}
