//! Signatures, checked by somebody else's implementation, and the secrets that they are made with.

use axum::http::HeaderMap;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::receiver::{Got, Receiver};
use super::{PATH, send, sender};
use crate::world::World;

fn verifies(secret: &str, got: &Got) -> bool {
    Webhook::new(secret).unwrap().verify(got.body.as_bytes(), &got.headers).is_ok()
}

#[test]
fn the_other_implementation_signs_as_the_specification_does() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/standard-webhooks/vectors.json")).unwrap();
    let text = |name: &str| vectors["sign"][name].as_str().unwrap();
    let at = vectors["sign"]["timestamp"].as_i64().unwrap();
    let signed = Webhook::new(text("secret")).unwrap().sign(text("msg_id"), at, text("payload").as_bytes());
    assert_eq!(signed.unwrap(), text("expected"));
}

#[tokio::test]
async fn a_receiver_can_tell_that_it_is_us() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let (_, secret) = world.endpoint(&ada, &receiver.url, &["*"]).await;
    let event = world.events_of("user.logged_in").await.pop().unwrap();
    send(&sender(&world).await, &event).await;
    let got = receiver.got().remove(0);
    assert!(verifies(&secret, &got));
    assert!(!verifies("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &got));
    assert!(!verifies(&secret, &Got { body: format!("{} ", got.body), ..got.clone() }));
    let other = |name: &'static str, value: &str| {
        let mut headers: HeaderMap = got.headers.clone();
        headers.insert(name, value.parse().unwrap());
        Got { headers, body: got.body.clone() }
    };
    assert!(!verifies(&secret, &other("webhook-id", "evt_01h455vb4pex5vsknk084sn02q")));
    let later = got.header("webhook-timestamp").parse::<i64>().unwrap() + 1;
    assert!(!verifies(&secret, &other("webhook-timestamp", &later.to_string())));
    assert_eq!(got.header("content-type"), "application/json");
    assert!(got.header("user-agent").starts_with("Souk-Webhooks/"));
}

#[tokio::test]
async fn a_replaced_secret_signs_beside_the_new_one_for_its_grace() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, first) = world.endpoint(&ada, &receiver.url, &["*"]).await;
    let sender = sender(&world).await;
    let test = async || {
        world.post(&format!("{PATH}/{id}/test"), &ada.access, json!({})).await.expect(202);
        send(&sender, &world.events_of("webhook.test").await.pop().unwrap()).await;
        receiver.got().pop().unwrap()
    };
    let rotate = async |body: Value| {
        let answer = world.post(&format!("{PATH}/{id}/rotate-secret"), &ada.access, body).await.expect(200);
        (answer.data()["secret"].as_str().unwrap().to_owned(), answer.data()["previousValidUntil"].clone())
    };
    let (second, until) = rotate(json!({})).await;
    assert!(until.is_string() && second != first);
    let got = test().await;
    assert!(verifies(&first, &got) && verifies(&second, &got));
    let header = got.header("webhook-signature").to_owned();
    let signatures: Vec<&str> = header.split(' ').collect();
    let newest =
        Got { headers: [("webhook-signature", signatures[0])].into_iter().fold(got.headers.clone(), with), ..got };
    assert!(signatures.len() == 2 && verifies(&second, &newest) && !verifies(&first, &newest), "newest first");

    let (third, _) = rotate(json!({ "graceHours": 0 })).await;
    let got = test().await;
    assert!(verifies(&third, &got) && !verifies(&second, &got) && !verifies(&first, &got));
    // A day later the grace of the default is over. The other implementation knows no clock of a test's.
    let (_, _) = rotate(json!({ "graceHours": 24 })).await;
    assert_eq!(test().await.header("webhook-signature").split(' ').count(), 2);
    world.clock().set_offset_seconds(24 * 3600 + 1);
    let ada = world.sign_in("ada@example.com").await;
    world.post(&format!("{PATH}/{id}/test"), &ada.access, json!({})).await.expect(202);
    send(&sender, &world.events_of("webhook.test").await.pop().unwrap()).await;
    assert_eq!(receiver.got().pop().unwrap().header("webhook-signature").split(' ').count(), 1);
}

fn with(mut headers: HeaderMap, (name, value): (&'static str, &str)) -> HeaderMap {
    headers.insert(name, value.parse().unwrap());
    headers
}

#[tokio::test]
async fn secrets_lie_in_no_table_and_their_replacement_is_audited() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, first) = world.endpoint(&ada, "https://receiver.example/", &["*"]).await;
    let path = format!("{PATH}/{id}/rotate-secret");
    let second = world.post(&path, &ada.access, json!({})).await.expect(200).data()["secret"].clone();
    let kept = world.everything().await.join("\n");
    for secret in [first.as_str(), second.as_str().unwrap()] {
        let bare = secret.strip_prefix("whsec_").unwrap().trim_end_matches('=');
        assert!(!kept.contains(bare) && !kept.contains(&bare.replace('+', "-").replace('/', "_")));
    }
    let trail = world.sandbox.partition(&format!("AUD#{id}")).await;
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0]["action"].as_s().unwrap(), "webhook_endpoint.secret_rotated");
    assert_eq!(trail[0]["actorId"].as_s().unwrap(), ada.user["id"].as_str().unwrap());
}
