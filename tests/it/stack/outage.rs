//! A receiver of webhooks that is down for hours, with the real binaries and the clock moved: tried again on schedule, by
//! processes that were not there when it began.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::local::Local;
use super::processes::kill_9;
use super::visitor::{Reply, Visitor};
use super::waiting::until;
use crate::webhooks::PATH;
use crate::webhooks::receiver::Receiver;
use crate::world::PASSWORD;

const EMAIL: &str = "ada@example.com";
/// The first retry comes after five seconds; a busy machine may take longer.
const LIMIT: Duration = Duration::from_secs(40);

/// Asks as somebody who signs in anew: with the clock moved, tokens of before have expired.
async fn ask(visitor: &Visitor, method: Method, path: &str, body: Value) -> Value {
    let session = visitor.sign_in(EMAIL, PASSWORD).await;
    let request = visitor.request(method, &format!("{PATH}{path}")).bearer_auth(session.access).json(&body);
    let reply = Reply::of(request).await;
    assert!((200..300).contains(&reply.status), "{}", reply.text);
    reply.json["data"].clone()
}

/// Until it is done: the sweep may meet a process that was killed a moment ago.
async fn control(visitor: &Visitor, path: &str, body: Value) {
    until(path, LIMIT, async || {
        let request = visitor.client.post(format!("{}/control/{path}", visitor.control)).json(&body);
        (Reply::of(request).await.status == 200).then_some(())
    })
    .await;
}

async fn taken(receiver: &Receiver, count: usize) {
    until(&format!("attempt {count}"), LIMIT, async || (receiver.got().len() >= count).then_some(())).await;
    assert_eq!(receiver.got().len(), count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_was_down_for_hours_gets_its_webhook_when_it_is_back() {
    let local = Local::start().await;
    let visitor = &local.visitor;
    let receiver = Receiver::start().await;
    receiver.always(503);
    visitor.join(EMAIL).await;
    // Of what happens on the way, sign-ins for one, it wants nothing; a test comes all the same.
    let wanted = json!({ "url": receiver.url, "eventTypes": ["user.disabled"] });
    let made = ask(visitor, Method::POST, "", wanted).await;
    let id = made["id"].as_str().unwrap();
    let sent = ask(visitor, Method::POST, &format!("/{id}/test"), json!({})).await;
    // At once, and after five seconds, which no clock moves.
    taken(&receiver, 2).await;
    // Five minutes, half an hour, two hours, five hours later, each a tenth more at most; nothing comes before its time.
    let mut ahead = 0;
    for (attempt, wait) in [(3, 300), (4, 1_800), (5, 7_200), (6, 18_000)] {
        control(visitor, "clock", json!({ "offsetSeconds": ahead + wait / 2 })).await;
        control(visitor, "schedules/sweeper/run", json!({})).await;
        assert_eq!(receiver.got().len(), attempt - 1, "too early");
        // Whoever knew of it is gone.
        local.stack.pids().into_iter().for_each(kill_9);
        if attempt == 6 {
            receiver.always(204);
        }
        ahead += wait + wait / 10 + 60;
        control(visitor, "clock", json!({ "offsetSeconds": ahead })).await;
        control(visitor, "schedules/sweeper/run", json!({})).await;
        taken(&receiver, attempt).await;
    }
    let listed = until("it is told as delivered", LIMIT, async || {
        let listed = ask(visitor, Method::GET, &format!("/{id}/deliveries"), json!({})).await;
        (listed["deliveries"][0]["status"] == "delivered").then_some(listed)
    })
    .await;
    assert_eq!(listed["deliveries"][0]["attemptCount"], 6, "{listed}");
    let verifier = Webhook::new(made["secret"].as_str().unwrap()).unwrap();
    for (n, got) in receiver.got().iter().enumerate() {
        assert_eq!(got.header("webhook-id"), sent["eventId"]);
        // Only the signatures of the first attempts are of now: the verifier refuses what is too old or too new.
        assert_eq!(verifier.verify(got.body.as_bytes(), &got.headers).is_ok(), n < 2, "attempt {n}");
    }
    local.end().await;
}
