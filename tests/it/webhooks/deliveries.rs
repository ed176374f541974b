//! What reaches a receiver, and what its owner sees of it.

use std::time::Duration;

use serde_json::json;

use super::receiver::{Receiver, Says};
use super::{PATH, send, sender, try_send};
use crate::world::{PASSWORD, World};

#[tokio::test]
async fn s2_webhooks_exist() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, &receiver.url, &["security.*"]).await;
    receiver.once(Says(500, &[]));
    // Something happens, and travels: table, relay, queue, sender.
    world.sign_in("ada@example.com").await;
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    world.relay(vec![event.clone()]).await;
    let sender = sender(&world).await;
    assert_eq!(world.deliver_queued(&sender, Duration::ZERO).await, 1);
    assert_eq!(receiver.got().len(), 1);
    let pending = world.deliveries(&ada, &id).await;
    assert_eq!((&pending[0]["status"], &pending[0]["lastStatusCode"]), (&json!("pending"), &json!(500)));
    assert!(pending[0]["nextAttemptAt"].is_string() && pending[0]["deliveredAt"].is_null());
    // The first wait rides on the queue: five seconds, a tenth more or less.
    assert_eq!(world.deliver_queued(&sender, Duration::from_secs(3)).await, 0);
    assert_eq!(world.deliver_queued(&sender, Duration::from_secs(6)).await, 1);
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!((got[0].header("webhook-id"), &got[0].body), (got[1].header("webhook-id"), &got[1].body));
    assert_eq!(got[1].header("webhook-id"), event.id.to_string());
    let body: serde_json::Value = serde_json::from_str(&got[1].body).unwrap();
    let said = json!({ "type": "user.logged_in", "timestamp": event.occurred_at.to_string(), "data": event.data });
    assert_eq!(body, said);
    let delivered = &world.deliveries(&ada, &id).await[0];
    assert_eq!((&delivered["status"], &delivered["attemptCount"]), (&json!("delivered"), &json!(2)));
    assert!(delivered["deliveredAt"].is_string() && delivered["nextAttemptAt"].is_null());
    let detail = world.at(&ada, &format!("{PATH}/{id}/deliveries/{}", delivered["id"].as_str().unwrap())).await;
    assert_eq!(detail["payload"], said);
    let codes: Vec<_> = detail["attempts"].as_array().unwrap().iter().map(|a| a["statusCode"].clone()).collect();
    assert_eq!(codes, [json!(500), json!(204)]);
    assert_eq!(detail["attempts"][0]["error"], "answered 500");
}

#[tokio::test]
async fn an_event_goes_to_those_whom_it_concerns_and_who_want_it() {
    let world = World::start().await;
    let (mine, unwanted, others) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    world.endpoint(&ada, &mine.url, &["user.logged_in"]).await;
    world.endpoint(&ada, &unwanted.url, &["account.*", "user.logged_out"]).await;
    world.endpoint(&eve, &others.url, &["*"]).await;
    world.sign_in("ada@example.com").await;
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    let sender = sender(&world).await;
    send(&sender, &event).await;
    assert_eq!((mine.got().len(), unwanted.got().len(), others.got().len()), (1, 0, 0));
    // Private ones go to nobody, even if they should get here.
    let private = crate::events::mailed("ada@example.com");
    let private = domain::event::Event { subject_ids: event.subject_ids.clone(), ..private };
    assert!(!try_send(&sender, &private).await);
    assert_eq!(others.got().len(), 0);
}

#[tokio::test]
async fn of_any_number_of_duplicates_one_is_sent() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, &receiver.url, &["*"]).await;
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    let sender = sender(&world).await;
    let race = futures::future::join_all((0..8).map(|_| try_send(&sender, &event))).await;
    assert!(race.contains(&true));
    assert_eq!(receiver.got().len(), 1);
    send(&sender, &event).await;
    assert_eq!((receiver.got().len(), world.deliveries(&ada, &id).await.len()), (1, 1));
}

#[tokio::test]
async fn a_test_goes_at_once_to_the_endpoint_it_is_for_and_to_no_other() {
    let world = World::start().await;
    let (asked, other) = (Receiver::start().await, Receiver::start().await);
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, &asked.url, &["talent.*"]).await;
    world.endpoint(&ada, &other.url, &["*"]).await;
    let path = format!("{PATH}/{id}/test");
    let answer = world.post(&path, &ada.access, json!({})).await.expect(202);
    let event = world.events_of("webhook.test").await.pop().unwrap();
    assert_eq!(answer.data()["eventId"], event.id.to_string());
    send(&sender(&world).await, &event).await;
    assert_eq!((asked.got().len(), other.got().len()), (1, 0));
    let body: serde_json::Value = serde_json::from_str(&asked.got()[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]["endpointId"]), (&json!("webhook.test"), &json!(id)));
    assert!(world.endpoint_view(&ada, &id).await["lastSuccessAt"].is_string());
    let disable = world.api.patch(&format!("{PATH}/{id}"), json!({ "status": "disabled" })).token(&ada.access);
    disable.send().await.expect(200);
    world.post(&path, &ada.access, json!({})).await.expect_failure(409, "CONFLICT");
}

#[tokio::test]
async fn deliveries_are_listed_by_status_and_type_in_pages() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, &receiver.url, &["*"]).await;
    let sender = sender(&world).await;
    for n in 0..5 {
        world.clock().set_offset_seconds(n + 1);
        world.login("ada@example.com", PASSWORD).await.expect(200);
    }
    let events = world.events_of("user.logged_in").await;
    for (n, event) in events.iter().enumerate() {
        receiver.once(Says(if n % 2 == 0 { 204 } else { 503 }, &[]));
        send(&sender, event).await;
    }
    let test = world.post(&format!("{PATH}/{id}/test"), &ada.access, json!({})).await.expect(202);
    send(&sender, &world.events_of("webhook.test").await[0]).await;
    let list = async |query: &str| world.at(&ada, &format!("{PATH}/{id}/deliveries{query}")).await;
    let all = list("").await;
    let ids = |list: &serde_json::Value| -> Vec<String> {
        list["deliveries"].as_array().unwrap().iter().map(|d| d["eventId"].as_str().unwrap().to_owned()).collect()
    };
    let mut newest: Vec<String> = events.iter().map(|event| event.id.to_string()).rev().collect();
    newest.insert(0, test.data()["eventId"].as_str().unwrap().to_owned());
    assert_eq!(ids(&all), newest);
    assert_eq!(ids(&list("?eventType=webhook.test").await), newest[..1]);
    let of = |status: &'static str| async move { list(&format!("?status={status}&eventType=user.logged_in")).await };
    let (delivered, pending) = (of("delivered").await, of("pending").await);
    assert_eq!((ids(&delivered).len() + ids(&pending).len(), ids(&pending).len()), (events.len(), events.len() / 2));
    assert!(pending["deliveries"].as_array().unwrap().iter().all(|d| d["status"] == "pending"));
    assert_eq!(ids(&of("failed").await).len(), 0);
    for query in ["", "&status=pending"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = list(&format!("?limit=2{query}{cursor}")).await;
            assert!(ids(&page).len() <= 2);
            seen.extend(ids(&page));
            let Some(next) = page["pagination"]["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let expected = if query.is_empty() { newest.clone() } else { ids(&pending) };
        assert_eq!(seen, expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_too_large_fails_at_once_and_says_so() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, &receiver.url, &["*"]).await;
    let mut event = world.events_of("user.logged_in").await.pop().unwrap();
    event.data = json!({ "x": "y".repeat(21_000) });
    send(&sender(&world).await, &event).await;
    assert!(receiver.got().is_empty());
    let failed = &world.deliveries(&ada, &id).await[0];
    assert_eq!((&failed["status"], &failed["lastError"]), (&json!("failed"), &json!("the event is larger than 20 kB")));
}
