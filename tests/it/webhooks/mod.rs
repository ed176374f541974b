//! Outbound webhooks: endpoints as their owners handle them, and what reaches a receiver.

mod costs;
mod deliveries;
mod endpoints;
pub mod receiver;
mod refused;
mod retries;
mod secrets;

use std::time::Duration;

use domain::event::Event;
use entry::{Record, Start};
use outbox_relay::Relay;
use serde_json::{Value, json};
use sweeper::{Order, Sweeper};
use testkit::Answer;
use webhook_sender::{Message, WebhookSender};

use crate::world::{Person, World};

pub const PATH: &str = "/api/v1/webhook-endpoints";
const QUEUE: &str = "souk-local-webhook-sender";

/// A fresh process of the sender.
pub async fn sender(world: &World) -> WebhookSender {
    let sandbox = &world.sandbox;
    let mut sender = WebhookSender::start(&sandbox.environment("webhook-sender"), &sandbox.aws).await.unwrap();
    sender.app.clock = sandbox.clock.clone();
    sender
}

impl World {
    /// Makes an endpoint; its id and its secret.
    pub async fn endpoint(&self, person: &Person, url: &str, types: &[&str]) -> (String, String) {
        let made = self.make_endpoint(person, url, types).await.expect(201);
        let text = |name: &str| made.data()[name].as_str().unwrap().to_owned();
        (text("id"), text("secret"))
    }

    pub async fn make_endpoint(&self, person: &Person, url: &str, types: &[&str]) -> Answer {
        self.post(PATH, &person.access, json!({ "url": url, "eventTypes": types })).await
    }

    pub async fn endpoint_view(&self, person: &Person, id: &str) -> Value {
        self.at(person, &format!("{PATH}/{id}")).await
    }

    /// What a path shows.
    pub async fn at(&self, person: &Person, path: &str) -> Value {
        self.api.get(path).token(&person.access).send().await.expect(200).data().clone()
    }

    pub async fn deliveries(&self, person: &Person, id: &str) -> Vec<Value> {
        let shown = self.at(person, &format!("{PATH}/{id}/deliveries")).await;
        shown["deliveries"].as_array().unwrap().clone()
    }

    /// The events of a type that were told, oldest first.
    pub async fn events_of(&self, name: &str) -> Vec<Event> {
        let mut told = self.events().await;
        told.retain(|event| event.name == name);
        told.sort_by_key(|event| event.id.to_string());
        told
    }

    /// Carries events as the relay does.
    pub async fn relay(&self, events: Vec<Event>) {
        let relay = Relay::start(&self.sandbox.environment("outbox-relay"), &self.sandbox.aws).await.unwrap();
        let record = Record { sequence: "1".to_owned(), events };
        assert!(outbox_relay::relay(relay, vec![record]).await.is_empty());
    }

    /// Hands what lies on the sender's queue, or comes there within `wait`, to the sender; how many messages it was.
    pub async fn deliver_queued(&self, sender: &WebhookSender, wait: Duration) -> usize {
        let messages = self.sandbox.cloud.receive(QUEUE, 10, wait).await.unwrap();
        for message in &messages {
            let message: Message = serde_json::from_str(&message.body).unwrap();
            webhook_sender::handle(sender.clone(), message).await.unwrap();
        }
        messages.len()
    }

    /// Lets what is due by now come to the sender's queue, by a fresh process of the sweeper.
    pub async fn sweep(&self) -> u64 {
        let sandbox = &self.sandbox;
        let mut sweeper = Sweeper::start(&sandbox.environment("sweeper"), &sandbox.aws).await.unwrap();
        sweeper.app.clock = sandbox.clock.clone();
        let swept = sweeper::sweep(sweeper.clone(), Order::default()).await.unwrap();
        for message in sandbox.cloud.receive("souk-local-due", 10, Duration::ZERO).await.unwrap() {
            assert!(sweeper::handle(sweeper.clone(), serde_json::from_str(&message.body).unwrap()).await.is_ok());
        }
        swept.jobs["identity"].sent as u64
    }
}

/// Sends an event as if it came from the queue.
pub async fn send(sender: &WebhookSender, event: &Event) {
    assert!(try_send(sender, event).await, "the message came back");
}

/// Whether it was done; else the message comes back.
pub async fn try_send(sender: &WebhookSender, event: &Event) -> bool {
    webhook_sender::handle(sender.clone(), Message::Event(Box::new(event.clone()))).await.is_ok()
}
