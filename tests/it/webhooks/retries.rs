//! Receivers that fail: tried again on schedule, given up, disabled; and processes that die meanwhile.

use std::time::Duration;

use domain::Id;
use domain::identity::waits::WebhookRetry;
use domain::identity::webhook::delivery_id;
use domain::time::{DAY, HOUR, MINUTE};
use serde_json::{Value, json};
use webhook_sender::{Message, WebhookSender};

use super::receiver::{HANGS, Receiver, Says};
use super::{PATH, send, sender, try_send};
use crate::world::{Person, World};

/// Somebody with an endpoint there, and an event of theirs.
async fn subscribed(world: &World, receiver: &Receiver) -> (Person, String, domain::event::Event) {
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, &receiver.url, &["user.logged_in"]).await;
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    (ada, id, event)
}

/// The attempt that follows `made` others, as the queue or the due list brings it.
async fn again(
    sender: &WebhookSender,
    ada: &Person,
    endpoint: &str,
    event: &domain::event::Event,
    made: usize,
) -> bool {
    let endpoint_id: Id<domain::id::Endpoint> = endpoint.parse().unwrap();
    let retry = WebhookRetry {
        owner_id: ada.user["id"].as_str().unwrap().parse().unwrap(),
        endpoint_id,
        delivery_id: delivery_id(event.id, endpoint_id),
        made,
    };
    webhook_sender::handle(sender.clone(), Message::Retry(retry)).await.is_ok()
}

async fn signed_in_later(world: &World, seconds: i64) -> Person {
    world.clock().set_offset_seconds(seconds);
    world.sign_in("ada@example.com").await
}

#[tokio::test]
async fn a_receiver_that_is_down_for_hours_is_tried_on_schedule_and_then_given_up() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.always(500);
    let (ada, id, event) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    send(&sender, &event).await;
    assert!(again(&sender, &ada, &id, &event, 1).await);
    let mut now = 0;
    for (made, wait) in
        [(2, 5 * MINUTE), (3, 30 * MINUTE), (4, 2 * HOUR), (5, 5 * HOUR), (6, 10 * HOUR), (7, 10 * HOUR)]
    {
        assert_eq!(receiver.got().len(), made);
        world.clock().set_offset_seconds(now + wait * 89 / 100);
        assert_eq!(world.sweep().await, 0, "not before its time, after {made} attempts");
        now += wait * 111 / 100 + 1;
        world.clock().set_offset_seconds(now);
        assert_eq!(world.sweep().await, 1, "after {made} attempts");
        assert_eq!(world.deliver_queued(&sender, Duration::ZERO).await, 1);
    }
    assert_eq!(receiver.got().len(), 8);
    let ids: std::collections::BTreeSet<String> =
        receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 1, "the same id each time");
    let ada = signed_in_later(&world, now).await;
    let failed = &world.deliveries(&ada, &id).await[0];
    assert_eq!((&failed["status"], &failed["attemptCount"]), (&json!("failed"), &json!(8)));
    assert!(failed["nextAttemptAt"].is_null());
    world.clock().set_offset_seconds(now + 2 * DAY);
    assert_eq!(world.sweep().await, 0, "nothing waits any more");
    let open = world.sandbox.partition(&format!("WHE#{id}")).await;
    assert!(open.iter().all(|item| item["sk"].as_s().unwrap().starts_with("DLV#")));
}

#[tokio::test]
async fn s4_webhooks_survive() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.always(503);
    let (ada, id, event) = subscribed(&world, &receiver).await;
    // Each step by a process that dies after it.
    send(&sender(&world).await, &event).await;
    assert!(again(&sender(&world).await, &ada, &id, &event, 1).await);
    let pending = world.at(&ada, &format!("{PATH}/{id}/deliveries?status=pending")).await;
    assert_eq!(pending["deliveries"].as_array().unwrap().len(), 1);
    receiver.always(204);
    world.clock().set_offset_seconds(6 * MINUTE);
    assert_eq!(world.sweep().await, 1);
    assert_eq!(world.deliver_queued(&sender(&world).await, Duration::ZERO).await, 1);
    assert_eq!(receiver.got().len(), 3);
    let delivered = &world.deliveries(&ada, &id).await[0];
    assert_eq!((&delivered["status"], &delivered["attemptCount"]), (&json!("delivered"), &json!(3)));
    let pending = world.at(&ada, &format!("{PATH}/{id}/deliveries?status=pending")).await;
    assert_eq!(pending["deliveries"], json!([]));
}

#[tokio::test]
async fn a_crash_between_attempt_and_mark_sends_again_and_one_before_the_queue_loses_nothing() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let (ada, id, event) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    // Dies while the receiver answers: what was claimed is never settled.
    receiver.once(Says(HANGS, &[]));
    let dying = tokio::spawn({
        let (sender, event) = (sender.clone(), event.clone());
        async move { try_send(&sender, &event).await }
    });
    while receiver.got().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    dying.abort();
    let shown = world.at(&ada, &format!("{PATH}/{id}/deliveries?status=pending")).await;
    assert_eq!(shown["deliveries"][0]["attemptCount"], 0, "it is pending from the first moment on");
    assert!(!try_send(&sender, &event).await, "the message comes back while somebody may be at it");
    world.clock().set_offset_seconds(MINUTE + 1);
    receiver.once(Says(500, &[]));
    send(&sender, &event).await;
    let ids: Vec<String> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert!(ids.len() == 2 && ids.iter().all(|sent| *sent == event.id.to_string()));
    // The wait for the second attempt is on the queue. Were it not, the message that came again would put it there.
    send(&sender, &event).await;
    let first = world.deliver_queued(&sender, Duration::from_secs(7)).await;
    let then = if first < 2 { world.deliver_queued(&sender, Duration::from_secs(3)).await } else { 0 };
    assert_eq!((first + then, receiver.got().len()), (2, 3), "two messages, one attempt");
    assert_eq!(world.deliveries(&ada, &id).await[0]["status"], "delivered");
}

#[tokio::test]
async fn late_and_doubled_messages_do_nothing() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.once(Says(301, &[("location", "http://127.0.0.1:1/")])).once(Says(500, &[]));
    let (ada, id, event) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    send(&sender, &event).await;
    let race = (0..6).map(|_| again(&sender, &ada, &id, &event, 1));
    futures::future::join_all(race).await;
    assert_eq!(receiver.got().len(), 2);
    for made in [0, 1, 5] {
        assert!(again(&sender, &ada, &id, &event, made).await);
    }
    assert_eq!(receiver.got().len(), 2);
    assert!(again(&sender, &ada, &id, &event, 2).await);
    assert!(again(&sender, &ada, &id, &event, 2).await);
    assert_eq!(receiver.got().len(), 3);
    let detail = world.deliveries(&ada, &id).await[0].clone();
    let detail = world.at(&ada, &format!("{PATH}/{id}/deliveries/{}", detail["id"].as_str().unwrap())).await;
    let codes: Vec<&Value> = detail["attempts"].as_array().unwrap().iter().map(|one| &one["statusCode"]).collect();
    assert_eq!(codes, [&json!(301), &json!(500), &json!(204)]);
}

#[tokio::test]
async fn a_wait_that_the_receiver_asks_for_is_kept_up_to_the_next_step() {
    for (says, from, to) in [
        (Says(429, &[("retry-after", "120")]), 120, 121),
        (Says(503, &[("retry-after", "86400")]), 300, 301),
        (Says(500, &[("retry-after", "120")]), 4, 6),
    ] {
        let world = World::start().await;
        let receiver = Receiver::start().await;
        receiver.once(says);
        let (ada, id, event) = subscribed(&world, &receiver).await;
        let before = world.clock().now();
        send(&sender(&world).await, &event).await;
        let next = world.deliveries(&ada, &id).await[0]["nextAttemptAt"].as_str().unwrap().to_owned();
        let wait = next.parse::<domain::Time>().unwrap().millis_since(before) / 1000;
        assert!((from..=to + 2).contains(&wait), "{wait}");
        let is_due = wait > 20;
        world.clock().set_offset_seconds(to + 5);
        assert_eq!(world.sweep().await, u64::from(is_due), "longer waits are on the due list");
    }
}

#[tokio::test]
async fn one_that_is_gone_is_disabled_at_once_and_its_owner_told() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.always(410);
    let (ada, id, event) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    send(&sender, &event).await;
    let shown = world.endpoint_view(&ada, &id).await;
    assert_eq!((&shown["status"], &shown["disabledReason"]), (&json!("disabled"), &json!("gone")));
    assert_eq!(world.deliveries(&ada, &id).await[0]["status"], "failed");
    let told = world.events_of("webhook_endpoint.disabled").await;
    assert_eq!((told.len(), &told[0].data), (1, &json!({ "endpointId": id, "reason": "gone" })));
    assert_eq!(told[0].subject_ids[0].to_string(), ada.user["id"].as_str().unwrap());
    // Nothing goes there any more, not even that.
    send(&sender, &told[0]).await;
    world.sign_in("ada@example.com").await;
    send(&sender, &world.events_of("user.logged_in").await.pop().unwrap()).await;
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn five_days_of_nothing_but_failures_disable_and_enabling_starts_clean() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.always(500);
    let (_, id, first) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    send(&sender, &first).await;
    let mut left = None;
    for day in 1..=5 {
        let ada = signed_in_later(&world, day * DAY + day).await;
        let shown = world.endpoint_view(&ada, &id).await;
        assert_eq!((&shown["status"], shown["failingSince"].is_string()), (&json!("active"), true), "day {day}");
        let event = world.events_of("user.logged_in").await.pop().unwrap();
        send(&sender, &event).await;
        left = Some((ada, event));
    }
    let (ada, event) = left.unwrap();
    let shown = world.endpoint_view(&ada, &id).await;
    assert_eq!((&shown["status"], &shown["disabledReason"]), (&json!("disabled"), &json!("failing")));
    assert_eq!(world.events_of("webhook_endpoint.disabled").await.len(), 1);

    receiver.always(204);
    let path = format!("{PATH}/{id}");
    world.clock().set_offset_seconds(5 * DAY + 10);
    let enabled = world.api.patch(&path, json!({ "status": "active" })).token(&ada.access).send().await.expect(200);
    assert_eq!((&enabled.data()["failingSince"], &enabled.data()["disabledReason"]), (&json!(null), &json!(null)));
    // What was on its way when it was disabled has ended.
    let sent = receiver.got().len();
    assert!(again(&sender, &ada, &id, &event, 1).await);
    assert_eq!(receiver.got().len(), sent);
    let ended = world.deliveries(&ada, &id).await[0].clone();
    assert_eq!(ended["status"], "failed");
    assert!(ended["lastError"].as_str().unwrap().contains("disabled"), "{ended}");
    let ada = signed_in_later(&world, 5 * DAY + 20).await;
    send(&sender, &world.events_of("user.logged_in").await.pop().unwrap()).await;
    assert_eq!(receiver.got().len(), sent + 1);
    let shown = world.endpoint_view(&ada, &id).await;
    assert!(shown["lastSuccessAt"].is_string() && shown["status"] == "active");
}

#[tokio::test]
async fn a_success_in_between_ends_the_count_of_failures() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.once(Says(500, &[])).once(Says(204, &[])).once(Says(500, &[]));
    let (ada, id, event) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    send(&sender, &event).await;
    let since = world.endpoint_view(&ada, &id).await["failingSince"].clone();
    assert!(since.is_string());
    assert!(again(&sender, &ada, &id, &event, 1).await);
    assert!(world.endpoint_view(&ada, &id).await["failingSince"].is_null());
    let ada = signed_in_later(&world, 4 * DAY).await;
    send(&sender, &world.events_of("user.logged_in").await.pop().unwrap()).await;
    assert_ne!(world.endpoint_view(&ada, &id).await["failingSince"], since);
}

#[tokio::test]
async fn what_is_on_its_way_to_a_deleted_endpoint_ends() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.always(500);
    let (ada, id, event) = subscribed(&world, &receiver).await;
    let sender = sender(&world).await;
    send(&sender, &event).await;
    let delete = world.api.call(axum::http::Method::DELETE, &format!("{PATH}/{id}")).token(&ada.access);
    delete.send().await.expect(200);
    assert!(again(&sender, &ada, &id, &event, 1).await);
    assert_eq!(receiver.got().len(), 1);
    let items = world.sandbox.partition(&format!("WHE#{id}")).await;
    assert_eq!((items.len(), items[0]["status"].as_s().unwrap().as_str()), (1, "failed"));
}
