//! Preferences: a switch for each category and channel, which only its person turns.

use axum::http::Method;
use domain::event::Category;
use serde_json::{Value, json};
use testkit::Answer;

use crate::world::World;

const PREFERENCES: &str = "/api/v1/notifications/preferences";

async fn turn(world: &World, access: &str, categories: Value) -> Answer {
    world.api.put(PREFERENCES, json!({ "categories": categories })).token(access).send().await
}

#[tokio::test]
async fn given_switches_change_and_the_others_stay() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let shown = world.api.get(PREFERENCES).token(&ada.access).send().await.expect(200);
    assert_eq!(shown.header("etag"), Some("\"0\""));
    let names: Vec<&String> = shown.data()["categories"].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), Category::ALL.len());
    for category in Category::ALL {
        let switches = &shown.data()["categories"][category.as_str()];
        assert_eq!(*switches, json!({ "email": true, "inApp": true }), "{}", category.as_str());
    }

    turn(&world, &ada.access, json!({ "talent": { "email": false } })).await.expect(200);
    let turned =
        turn(&world, &ada.access, json!({ "wallet": { "inApp": false }, "security": { "email": true } })).await;
    let turned = turned.expect(200);
    let categories = &turned.data()["categories"];
    assert_eq!(categories["talent"], json!({ "email": false, "inApp": true }));
    assert_eq!(categories["wallet"], json!({ "email": true, "inApp": false }));
    assert_eq!(categories["security"], json!({ "email": true, "inApp": true }));
    assert_eq!(turned.header("etag"), Some("\"2\""));
    let same = world.api.put(PREFERENCES, json!({})).token(&ada.access).send().await.expect(200);
    assert_eq!((same.data(), same.header("etag")), (turned.data(), Some("\"2\"")));
    let theirs = world.api.get(PREFERENCES).token(&eve.access).send().await.expect(200);
    assert_eq!(theirs.data()["categories"]["talent"]["email"], true);
}

#[tokio::test]
async fn security_cannot_be_switched_off_and_nonsense_is_refused() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let before = world.everything().await;
    let answer = turn(
        &world,
        &ada.access,
        json!({ "security": { "email": false, "inApp": false }, "talent": { "email": false } }),
    );
    let answer = answer.await.expect_failure(400, "VALIDATION_ERROR");
    assert!(answer.text.contains("categories.security.email") && answer.text.contains("categories.security.inApp"));
    for nonsense in [
        json!({ "gossip": { "email": true } }),
        json!({ "talent": { "email": "no" } }),
        json!({ "talent": false }),
        json!({ "": {} }),
        json!([]),
        json!("talent"),
    ] {
        turn(&world, &ada.access, nonsense).await.expect_failure(400, "VALIDATION_ERROR");
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn changes_at_the_same_time_lose_nothing_and_a_stale_version_is_refused() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let others = Category::ALL.into_iter().filter(|category| *category != Category::Security).take(4);
    let race = others.map(|category| turn(&world, &ada.access, json!({ category.as_str(): { "email": false } })));
    for answer in futures::future::join_all(race).await {
        answer.expect(200);
    }
    let shown = world.api.get(PREFERENCES).token(&ada.access).send().await.expect(200);
    let off = shown.data()["categories"].as_object().unwrap().values().filter(|switches| switches["email"] == false);
    assert_eq!((off.count(), shown.header("etag")), (4, Some("\"4\"")));

    let change = |version: &str| {
        let call = world.api.call(Method::PUT, PREFERENCES).header("if-match", version);
        call.json(json!({ "categories": { "talent": { "inApp": false } } })).token(&ada.access).send()
    };
    change("\"3\"").await.expect_failure(412, "PRECONDITION_FAILED");
    change("\"4\"").await.expect(200);
}
