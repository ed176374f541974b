//! Endpoints: made, changed, deleted by their owners and seen by nobody else.

use axum::http::Method;
use domain::event::REGISTRY;
use serde_json::json;

use super::PATH;
use crate::world::World;

const URL: &str = "https://receiver.example/souk";

#[tokio::test]
async fn an_endpoint_is_made_shown_changed_and_deleted() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let body = json!({
        "url": URL, "eventTypes": ["user.*", "webhooks.*", "user.*", "user.updated", "talent.*"],
        "description": "Staging", "status": "disabled", "version": 9, "owner": "usr_01h455vb4pex5vsknk084sn02q"
    });
    let made = world.post(PATH, &ada.access, body).await.expect(201);
    assert_eq!(made.header("etag"), Some("\"1\""));
    let (id, secret) = (made.data()["id"].as_str().unwrap(), made.data()["secret"].as_str().unwrap());
    assert!(id.starts_with("whe_") && secret.starts_with("whsec_"));
    let path = format!("{PATH}/{id}");
    let shown = world.at(&ada, &path).await;
    let expected = json!({
        "id": id, "url": URL, "eventTypes": ["user.*", "webhooks.*", "user.updated", "talent.*"],
        "description": "Staging", "scope": "own", "status": "active", "disabledReason": null,
        "createdAt": made.data()["createdAt"], "lastSuccessAt": null, "failingSince": null, "version": 1
    });
    assert_eq!(shown, expected, "the secret is shown once, and what would grant something has no effect");
    assert_eq!(world.at(&ada, PATH).await["endpoints"], json!([expected]));

    let change = json!({ "description": null, "eventTypes": ["*"], "status": "disabled" });
    let changed = world.api.patch(&path, change.clone()).header("if-match", "\"1\"").token(&ada.access).send().await;
    let changed = changed.expect(200);
    assert_eq!((changed.header("etag"), &changed.data()["status"]), (Some("\"2\""), &json!("disabled")));
    assert_eq!((&changed.data()["description"], &changed.data()["url"]), (&json!(null), &json!(URL)));
    assert_eq!(changed.data()["disabledReason"], json!(null), "its owner did it");
    let stale = world.api.put(&path, json!({ "url": URL })).header("if-match", "\"1\"").token(&ada.access);
    stale.send().await.expect_failure(412, "PRECONDITION_FAILED");
    let same = world.api.put(&path, change).token(&ada.access).send().await.expect(200);
    assert_eq!(same.header("etag"), Some("\"2\""), "what changes nothing is no change");

    let stale = world.api.call(Method::DELETE, &path).header("if-match", "\"1\"").token(&ada.access);
    stale.send().await.expect_failure(412, "PRECONDITION_FAILED");
    world.api.call(Method::DELETE, &path).token(&ada.access).send().await.expect(200);
    world.api.get(&path).token(&ada.access).send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    world.api.call(Method::DELETE, &path).token(&ada.access).send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn nobody_sees_or_touches_the_endpoint_of_another() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let (id, _) = world.endpoint(&ada, URL, &["*"]).await;
    let before = world.everything().await;
    let delivery = "dlv_01h455vb4pex5vsknk084sn02q";
    for (method, path) in [
        ("GET", format!("{PATH}/{id}")),
        ("PUT", format!("{PATH}/{id}")),
        ("PATCH", format!("{PATH}/{id}")),
        ("DELETE", format!("{PATH}/{id}")),
        ("POST", format!("{PATH}/{id}/rotate-secret")),
        ("POST", format!("{PATH}/{id}/test")),
        ("GET", format!("{PATH}/{id}/deliveries")),
        ("GET", format!("{PATH}/{id}/deliveries?status=pending")),
        ("GET", format!("{PATH}/{id}/deliveries/{delivery}")),
        ("GET", format!("{PATH}/nonsense")),
        ("GET", format!("{PATH}/nonsense/deliveries/{delivery}")),
    ] {
        let call = world.api.call(method.parse().unwrap(), &path).json(json!({})).token(&eve.access);
        call.send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    for path in [format!("{PATH}/{id}/deliveries/{delivery}"), format!("{PATH}/{id}/deliveries/nonsense")] {
        world.api.get(&path).token(&ada.access).send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    assert_eq!(world.at(&eve, PATH).await["endpoints"], json!([]));
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let (id, _) = world.endpoint(&ada, URL, &["*"]).await;
    let before = world.everything().await;
    let many: Vec<&str> = vec!["user.*"; 51];
    for (field, body) in [
        ("url", json!({ "eventTypes": ["*"] })),
        ("url", json!({ "url": "https://", "eventTypes": ["*"] })),
        ("url", json!({ "url": format!("https://a.example/{}", "x".repeat(2048)), "eventTypes": ["*"] })),
        ("eventTypes", json!({ "url": URL })),
        ("eventTypes", json!({ "url": URL, "eventTypes": [] })),
        ("eventTypes", json!({ "url": URL, "eventTypes": many })),
        ("eventTypes[1]", json!({ "url": URL, "eventTypes": ["*", "mail.reset"] })),
        ("eventTypes[0]", json!({ "url": URL, "eventTypes": ["user.levitated"] })),
        ("description", json!({ "url": URL, "eventTypes": ["*"], "description": "x".repeat(201) })),
        ("scope", json!({ "url": URL, "eventTypes": ["*"], "scope": "service" })),
    ] {
        let refused = world.post(PATH, &ada.access, body).await.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(refused.json["details"][0]["field"], field, "{}", refused.text);
    }
    let path = format!("{PATH}/{id}");
    for (field, body) in [
        ("url", json!({ "url": null })),
        ("url", json!({ "url": "https://10.0.0.1/" })),
        ("eventTypes", json!({ "eventTypes": null })),
        ("eventTypes", json!({ "eventTypes": [] })),
        ("status", json!({ "status": null })),
        ("status", json!({ "status": "paused" })),
    ] {
        let refused = world.api.patch(&path, body).token(&ada.access).send().await;
        let refused = refused.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(refused.json["details"][0]["field"], field, "{}", refused.text);
    }
    for grace in [json!(-1), json!(73), json!("1")] {
        let body = json!({ "graceHours": grace });
        world.post(&format!("{path}/rotate-secret"), &ada.access, body).await.expect_failure(400, "VALIDATION_ERROR");
    }
    for query in ["status=open", "eventType=user.levitated", "eventType=mail.reset", "limit=0", "cursor=x"] {
        let list = world.api.get(&format!("{path}/deliveries?{query}")).token(&ada.access);
        list.send().await.expect_failure(400, "VALIDATION_ERROR");
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn an_endpoint_for_all_events_is_for_nobody_yet() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let body = json!({ "url": URL, "eventTypes": ["*"], "scope": "platform" });
    world.post(PATH, &ada.access, body).await.expect_failure(403, "AUTHORIZATION_FAILED");
    let body = json!({ "url": URL, "eventTypes": ["*"], "scope": "own" });
    world.post(PATH, &ada.access, body).await.expect(201);
}

#[tokio::test]
async fn no_race_makes_an_eleventh() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let race = (0..20).map(|_| world.make_endpoint(&ada, URL, &["*"]));
    let answers = futures::future::join_all(race).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 10);
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.json["code"] == "QUOTA_EXCEEDED"));
    let ids = world.at(&ada, PATH).await["endpoints"].clone();
    assert_eq!(ids.as_array().unwrap().len(), 10);
    world.endpoint(&eve, URL, &["*"]).await;
    // One that goes makes room for one, whoever deletes it how often.
    let path = format!("{PATH}/{}", ids[0]["id"].as_str().unwrap());
    let race = (0..4).map(|_| world.api.call(Method::DELETE, &path).token(&ada.access).send());
    futures::future::join_all(race).await;
    world.make_endpoint(&ada, URL, &["*"]).await.expect(201);
    world.make_endpoint(&ada, URL, &["*"]).await.expect_failure(409, "QUOTA_EXCEEDED");
}

#[tokio::test]
async fn every_public_type_is_listed_and_no_other() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let shown = world.at(&ada, &format!("{PATH}/event-types")).await;
    let listed = shown["eventTypes"].as_array().unwrap();
    let names: Vec<&str> = listed.iter().map(|one| one["type"].as_str().unwrap()).collect();
    let public: Vec<&str> = REGISTRY.iter().filter(|row| row.is_public).map(|row| row.name).collect();
    assert_eq!(names, public);
    for one in listed {
        assert!(one["example"].is_object() && one["category"].is_string() && one["description"].is_string(), "{one}");
    }
}

#[tokio::test]
async fn the_same_request_under_one_key_makes_one_endpoint_and_shows_its_secret_again() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let make = async |token: &str, key: &str, url: &str| {
        let call = world.api.post(PATH, json!({ "url": url, "eventTypes": ["*"] }));
        call.header("idempotency-key", key).token(token).send().await
    };
    let first = make(&ada.access, "one", URL).await.expect(201);
    let again = make(&ada.access, "one", URL).await.expect(201);
    assert_eq!((again.text, again.headers.get("idempotent-replayed").is_some()), (first.text, true));
    make(&ada.access, "one", "https://other.example/").await.expect_failure(422, "IDEMPOTENCY_MISMATCH");
    let race = futures::future::join_all((0..6).map(|_| make(&ada.access, "two", URL))).await;
    assert!(race.iter().all(|answer| answer.status == 201 || answer.status == 409));
    assert_eq!(world.at(&ada, PATH).await["endpoints"].as_array().unwrap().len(), 2);
    // s4_idempotency_bound
    let hers = make(&eve.access, "one", URL).await.expect(201);
    assert_ne!(hers.data()["id"], first.json["data"]["id"]);
    let secret = first.json["data"]["secret"].as_str().unwrap().trim_start_matches("whsec_").trim_end_matches('=');
    assert!(!world.everything().await.join("").contains(secret), "kept sealed");
}
