//! Profiles: given fields change, `null` clears, absent ones stay.

use futures::future::join_all;
use serde_json::json;

use crate::world::World;

const PATH: &str = "/api/v1/users/profile";

#[tokio::test]
async fn put_and_patch_both_merge() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let change = json!({
        "name": "Ada King", "username": "ada", "phone": "+919876543210", "bio": "First.\nProgrammer.",
        "location": "London", "website": "https://example.com/ada", "socialLinks": ["https://example.com/a"],
        "avatarUrl": "https://example.com/a.png", "locale": "en-IN", "timeZone": "Asia/Kolkata",
        "profileVisibility": "public", "newsletter": true,
    });
    let changed = world.api.patch(PATH, change.clone()).token(&person.access).send().await.expect(200);
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(&changed.data()[name], value, "{name}");
    }
    assert_eq!(changed.header("etag"), Some("\"2\""));

    let put =
        world.api.call(axum::http::Method::PUT, "/api/v1/auth/me").json(json!({ "bio": null, "newsletter": null }));
    let put = put.token(&person.access).send().await.expect(200);
    assert_eq!(put.data()["bio"], json!(null));
    assert_eq!(put.data()["newsletter"], false);
    assert_eq!(put.data()["location"], "London");
    let read = world.profile(&person.access).await.expect(200);
    assert_eq!(read.data(), put.data());
    assert_eq!(read.header("etag"), Some("\"3\""));
}

#[tokio::test]
async fn an_unchanged_profile_is_not_written() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let before = world.sandbox.spent();
    let same = json!({ "name": "Ada Lovelace", "email": "ADA@example.com", "roles": ["administrator"], "version": 9 });
    let answer = world.api.patch(PATH, same).token(&person.access).send().await.expect(200);
    assert_eq!(answer.data()["version"], 1);
    assert_eq!(answer.data()["roles"], json!(["user"]));
    // The one that counts how often somebody writes.
    assert_eq!((world.sandbox.spent() - before).writes, 1.0);
}

#[tokio::test]
async fn s4_profile_email() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    for email in [json!("eve@example.com"), json!(null)] {
        let answer = world.api.patch(PATH, json!({ "email": email })).token(&person.access).send().await;
        let answer = answer.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(answer.json["details"][0]["field"], "email");
    }
}

#[tokio::test]
async fn if_match_guards_against_lost_updates() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let change = |bio: &str, tag: &str| {
        world.api.patch(PATH, json!({ "bio": bio })).token(&person.access).header("if-match", tag).send()
    };
    change("one", "\"1\"").await.expect(200);
    change("two", "\"1\"").await.expect_failure(412, "PRECONDITION_FAILED");
    change("two", "*").await.expect(200);
    change("three", "\"9\", \"3\"").await.expect(200);
}

#[tokio::test]
async fn a_username_is_one_persons() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let bob = world.person("bob@example.com").await;
    let take = |token: String, name: serde_json::Value| {
        let call = world.api.patch(PATH, json!({ "username": name })).token(&token);
        async move { call.send().await }
    };
    let answers = join_all([take(ada.access.clone(), json!("souk")), take(bob.access.clone(), json!("souk"))]).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let refused = answers.into_iter().find(|answer| answer.status == 409).unwrap();
    refused.expect_failure(409, "USERNAME_TAKEN");
    // Given up, it is free again.
    take(ada.access.clone(), json!(null)).await.expect(200);
    take(bob.access.clone(), json!(null)).await.expect(200);
    take(ada.access, json!("souk")).await.expect(200);
}

#[tokio::test]
async fn a_change_that_the_table_refuses_leaves_nothing_and_tells_nobody() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let bob = world.person("bob@example.com").await;
    let take =
        |person: &str| world.api.patch(PATH, json!({ "username": "souk", "bio": "First." })).token(person).send();
    take(&ada.access).await.expect(200);
    let before = world.everything().await;
    take(&bob.access).await.expect_failure(409, "USERNAME_TAKEN");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn twenty_parallel_changes_are_all_kept_or_refused() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let changes = (0..20).map(|i| world.api.patch(PATH, json!({ "bio": format!("{i}") })).token(&person.access).send());
    let answers = join_all(changes).await;
    let kept = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 409));
    let version = world.profile(&person.access).await.data()["version"].as_u64().unwrap();
    assert_eq!(version as usize, 1 + kept);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let before = world.everything().await;
    let links = vec!["https://example.com"; 11];
    for (field, value) in [
        ("username", json!("No Spaces")),
        ("phone", json!("123")),
        ("bio", json!("x".repeat(501))),
        ("website", json!("http://example.com")),
        ("socialLinks", json!(links)),
        ("avatarUrl", json!("javascript:alert(1)")),
        ("locale", json!("klingon!")),
        ("timeZone", json!("Mars/Olympus")),
        ("profileVisibility", json!("secret")),
        ("newsletter", json!("yes")),
        ("name", json!(null)),
    ] {
        let answer = world.api.patch(PATH, json!({ field: value })).token(&person.access).send().await;
        let answer = answer.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(answer.json["details"][0]["field"], field, "{}", answer.text);
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn s3_foreign_reads() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let bob = world.person("bob@example.com").await;
    let seen = world.profile(&bob.access).await.expect(200);
    assert_eq!(seen.data()["email"], "bob@example.com");
    assert_ne!(seen.data()["id"], ada.user["id"]);
}
