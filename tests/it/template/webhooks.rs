//! The ways of webhooks to AWS: endpoints as their owners handle them, deliveries that arrive, fail, wait and end.

use axum::http::Method;
use domain::due::Due;
use domain::identity::waits::WebhookRetry;
use domain::identity::webhook::{Reach, delivery_id};
use entry::Start;
use partners::webhook::{SystemResolver, WebhookClient};
use serde_json::json;
use sweeper::Sweeper;
use webhook_sender::{Message, WebhookSender};

use super::flows::as_deployed;
use super::recorder::Recorder;
use crate::webhooks::PATH;
use crate::webhooks::receiver::{Receiver, Says};
use crate::world::World;

pub async fn walk(world: &World, recorder: &Recorder) {
    let receiver = Receiver::start().await;
    let person = world.person("hooked@example.com").await;
    let make = world.api.post(PATH, json!({ "url": receiver.url, "eventTypes": ["*"] })).token(&person.access);
    let made = make.header("idempotency-key", "one").send().await.expect(201);
    let id = made.data()["id"].as_str().unwrap().to_owned();
    let endpoint = format!("{PATH}/{id}");
    world.post(&format!("{endpoint}/rotate-secret"), &person.access, json!({})).await.expect(200);
    world.post(&format!("{endpoint}/test"), &person.access, json!({})).await.expect(202);
    world.sign_in("hooked@example.com").await;

    let environment = as_deployed(&world.sandbox, "webhook-sender");
    let mut sender = WebhookSender::start(&environment, &recorder.aws(&world.sandbox, "webhook-sender")).await.unwrap();
    sender.client = WebhookClient::new(Reach::PublicAndLoopback, SystemResolver).unwrap();
    let arrives = world.events_of("webhook.test").await.pop().unwrap();
    webhook_sender::handle(sender.clone(), Message::Event(Box::new(arrives.clone()))).await.unwrap();
    webhook_sender::handle(sender.clone(), Message::Event(Box::new(arrives))).await.unwrap();
    // One that fails, waits on the queue, fails, waits on the due list, and is told that nobody is there any more.
    receiver.once(Says(500, &[])).once(Says(500, &[])).once(Says(410, &[]));
    let fails = world.events_of("user.logged_in").await.pop().unwrap();
    webhook_sender::handle(sender.clone(), Message::Event(Box::new(fails.clone()))).await.unwrap();
    let endpoint_id = id.parse().unwrap();
    let delivery_id = delivery_id(fails.id, endpoint_id);
    for made in [1, 2] {
        let retry = WebhookRetry { owner_id: fails.subject_ids[0], endpoint_id, delivery_id, made };
        let due = Due::new(world.clock().now(), delivery_id, &retry).unwrap();
        let environment = as_deployed(&world.sandbox, "sweeper");
        let sweeper = Sweeper::start(&environment, &recorder.aws(&world.sandbox, "sweeper")).await.unwrap();
        assert!(sweeper::handle(sweeper, due).await.is_ok());
        for path in [&format!("{endpoint}/deliveries"), &format!("{endpoint}/deliveries?status=pending")] {
            world.at(&person, path).await;
        }
        webhook_sender::handle(sender.clone(), Message::Retry(retry)).await.unwrap();
    }
    assert_eq!(world.endpoint_view(&person, &id).await["disabledReason"], "gone");
    world.at(&person, PATH).await;
    world.at(&person, &format!("{endpoint}/deliveries/{delivery_id}")).await;
    let enable = world.api.patch(&endpoint, json!({ "status": "active" })).token(&person.access);
    enable.send().await.expect(200);
    world.api.call(Method::DELETE, &endpoint).token(&person.access).send().await.expect(200);
}
