//! API keys: programs act as their owner, within scopes, until the key ends.

use axum::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Answer;

use crate::world::{PASSWORD, Person, World};

const PATH: &str = "/api/v1/auth/api-keys";
const PROFILE: &str = "/api/v1/users/profile";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A key that was made.
pub struct Key {
    pub id: String,
    pub text: String,
}

impl World {
    pub async fn make_key(&self, access: &str, body: Value) -> Answer {
        self.post(PATH, access, body).await
    }

    /// A fresh key of somebody.
    pub async fn key(&self, access: &str, scopes: &[&str]) -> Key {
        let made = self.make_key(access, json!({ "name": "Nightly report", "scopes": scopes })).await.expect(201);
        let text = |name: &str| made.data()[name].as_str().unwrap().to_owned();
        Key { id: text("id"), text: text("key") }
    }

    async fn keys(&self, person: &Person) -> Vec<Value> {
        let listed = self.api.get(PATH).token(&person.access).send().await.expect(200);
        listed.data()["apiKeys"].as_array().unwrap().clone()
    }

    async fn revoke(&self, person: &Person, id: &str) -> Answer {
        self.api.call(Method::DELETE, &format!("{PATH}/{id}")).token(&person.access).send().await
    }

    async fn times_told(&self, name: &str) -> usize {
        self.events().await.iter().filter(|event| event.name == name).count()
    }

    async fn times_audited(&self, person: &Person, action: &str) -> usize {
        let trail = self.sandbox.partition(&format!("AUD#{}", person.user["id"].as_str().unwrap())).await;
        trail.iter().filter(|entry| entry["action"].as_s().unwrap() == action).count()
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_acts_as_its_owner_within_its_scopes() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let body = json!({ "name": " Report ", "scopes": ["profile:read", "wallet:write", "profile:read"] });
    let made = world.make_key(&person.access, body).await.expect(201);
    let (made, text) = (made.data(), made.data()["key"].as_str().unwrap());
    assert_eq!(made["name"], "Report");
    assert_eq!(made["scopes"], json!(["profile:read", "wallet:write"]));
    assert!(text.starts_with(&format!("{}_", made["prefix"].as_str().unwrap())));
    let seen = world.profile(text).await.expect(200);
    assert_eq!(seen.data()["id"], person.user["id"]);
    world.api.get("/api/v1/auth/me").token(text).send().await.expect(200);
    let change = world.api.patch(PROFILE, json!({ "bio": "By a program" })).token(text).send();
    change.await.expect_failure(403, "INSUFFICIENT_SCOPE");
    let writer = world.key(&person.access, &["profile:write"]).await;
    world.profile(&writer.text).await.expect(200);
    let change = world.api.patch(PROFILE, json!({ "bio": "By a program" })).token(&writer.text).send();
    assert_eq!(change.await.expect(200).data()["bio"], "By a program");

    let listed = world.keys(&person).await;
    assert_eq!((listed.len(), &listed[0]["id"]), (2, &json!(writer.id)), "newest first");
    assert!(listed.iter().all(|key| key.get("key").is_none() && key["lastUsedAt"].is_string()), "{listed:?}");
    for (shown, kept) in made.as_object().unwrap() {
        assert!(["key", "lastUsedAt"].contains(&shown.as_str()) || listed[1][shown] == *kept, "{shown}");
    }
    let secret = text.split('_').nth(3).unwrap();
    assert!(!world.everything().await.iter().any(|item| item.contains(secret)), "only a hash is kept");
}

#[tokio::test]
async fn s1_key_registry() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let key = world.key(&ada.access, &["profile:read"]).await;
    // Well formed, of a person there is, and unknown.
    let user = ada.user["id"].as_str().unwrap().parse().unwrap();
    let (unknown, _) = entry::api_key::make(user, world.auth.app.id(world.clock().now()));
    let (guessed, _) = entry::api_key::make(user, key.id.parse().unwrap());
    let (of_nobody, _) = entry::api_key::make(world.auth.app.id(world.clock().now()), key.id.parse().unwrap());
    for text in [&unknown, &guessed, &of_nobody] {
        world.profile(text).await.expect_failure(401, "AUTHENTICATION_FAILED");
        let session = world.api.get("/api/v1/auth/session").token(text).send().await;
        session.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    // Somebody else's key does not exist for others.
    world.revoke(&eve, &key.id).await.expect_failure(404, "RESOURCE_NOT_FOUND");
    world.profile(&key.text).await.expect(200);
    world.revoke(&ada, &key.id).await.expect(200);
    world.profile(&key.text).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.revoke(&ada, &key.id).await.expect_failure(404, "RESOURCE_NOT_FOUND");
    assert_eq!(world.keys(&ada).await, Vec::<Value>::new());
    for name in ["user.api_key_created", "user.api_key_revoked"] {
        assert_eq!((world.times_told(name).await, world.times_audited(&ada, name).await), (1, 1), "{name}");
    }
}

#[tokio::test]
async fn s1_short_signature() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let key = world.key(&person.access, &["profile:read"]).await.text;
    let calls = world.sandbox.spent().calls;
    let mut malformed: Vec<String> =
        (0..key.len()).step_by(7).flat_map(|i| [key[..i].to_owned(), key[i + 1..].to_owned()]).collect();
    malformed.extend(["souk_", "souk____", "souk_key_", "SOUK_KEY"].map(str::to_owned));
    malformed.push(format!("{key}0"));
    malformed.push(format!("souk_{}", "f".repeat(9000)));
    for text in malformed {
        let answer = world.profile(&text).await;
        assert_eq!(answer.status, 401, "{text}: {}", answer.text);
    }
    assert_eq!(world.sandbox.spent().calls, calls, "a typing error costs no read");
}

#[tokio::test]
async fn a_key_ends_when_it_expires_or_its_owner_is_disabled() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let body = json!({ "name": "Short", "scopes": ["profile:read"], "expiresInDays": 1 });
    let short = world.make_key(&person.access, body).await.expect(201);
    let short = short.data()["key"].as_str().unwrap().to_owned();
    let long = world.key(&person.access, &["profile:read"]).await.text;
    world.clock().set_offset_seconds(DAY);
    world.profile(&short).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.profile(&long).await.expect(200);
    let person = world.sign_in("ada@example.com").await;
    assert_eq!(world.keys(&person).await.len(), 1, "the other one lives 90 days");
    world.set(&person, "status", aws_sdk_dynamodb::types::AttributeValue::S("disabled".to_owned())).await;
    world.profile(&long).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.set(&person, "status", aws_sdk_dynamodb::types::AttributeValue::S("active".to_owned())).await;
    world.clock().set_offset_seconds(90 * DAY);
    world.profile(&long).await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn what_is_asked_of_a_key_is_checked() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    for (body, field) in [
        (json!({ "scopes": ["profile:read"] }), "name"),
        (json!({ "name": " ", "scopes": ["profile:read"] }), "name"),
        (json!({ "name": "x".repeat(61), "scopes": ["profile:read"] }), "name"),
        (json!({ "name": "x", "scopes": [] }), "scopes"),
        (json!({ "name": "x", "scopes": ["profile:all"] }), "scopes[0]"),
        (json!({ "name": "x", "scopes": vec!["profile:read"; 21] }), "scopes"),
        (json!({ "name": "x", "scopes": ["profile:read"], "expiresInDays": 0 }), "expiresInDays"),
        (json!({ "name": "x", "scopes": ["profile:read"], "expiresInDays": 366 }), "expiresInDays"),
    ] {
        let answer = world.make_key(&person.access, body.clone()).await.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(answer.json["details"][0]["field"], field, "{body}");
    }
    let staff = json!({ "name": "x", "scopes": ["profile:read", "admin:read"] });
    world.make_key(&person.access, staff).await.expect_failure(403, "AUTHORIZATION_FAILED");
    assert!(world.keys(&person).await.is_empty());
}

#[tokio::test]
async fn racing_requests_never_make_a_twenty_first_key() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    for _ in 0..15 {
        world.key(&person.access, &["profile:read"]).await;
    }
    let body = json!({ "name": "Race", "scopes": ["profile:read"] });
    let answers = join_all((0..12).map(|_| world.make_key(&person.access, body.clone()))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused =
        |answer: &&Answer| ["QUOTA_EXCEEDED", "CONFLICT"].contains(&answer.json["code"].as_str().unwrap_or(""));
    assert_eq!(made + answers.iter().filter(refused).count(), 12);
    let listed = world.keys(&person).await;
    assert_eq!(listed.len(), 15 + made);
    for _ in made..5 {
        world.key(&person.access, &["profile:read"]).await;
    }
    world.make_key(&person.access, body.clone()).await.expect_failure(409, "QUOTA_EXCEEDED");
    world.revoke(&person, listed[0]["id"].as_str().unwrap()).await.expect(200);
    world.make_key(&person.access, body).await.expect(201);
}

#[tokio::test]
async fn a_use_is_noted_once_an_hour() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let key = world.key(&person.access, &["profile:read"]).await;
    let used = async || world.keys(&world.sign_in("ada@example.com").await).await[0]["lastUsedAt"].clone();
    assert_eq!(used().await, Value::Null);
    world.profile(&key.text).await.expect(200);
    let first = used().await;
    let before = world.sandbox.spent();
    for _ in 0..3 {
        world.profile(&key.text).await.expect(200);
    }
    let spent = world.sandbox.spent() - before;
    assert_eq!((spent.calls, spent.writes), (3, 0.0), "account and key are one call");
    // Another instance does not know, and writes nothing either.
    world.clock().set_offset_seconds(HOUR - 60);
    world.api.get("/api/v1/auth/me").token(&key.text).send().await.expect(200);
    assert_eq!(used().await, first);
    world.clock().set_offset_seconds(HOUR + 60);
    world.profile(&key.text).await.expect(200);
    assert!(used().await.as_str() > first.as_str());
}

#[tokio::test]
async fn keys_end_with_the_password_when_asked_to() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let keys = [world.key(&person.access, &["profile:read"]).await, world.key(&person.access, &["profile:read"]).await];
    let new = "another fine passphrase";
    let change = |from: &str, to: &str, revoke: bool| {
        let body = json!({ "currentPassword": from, "newPassword": to, "revokeApiKeys": revoke });
        world.api.post("/api/v1/auth/change-password", body).token(&person.access)
    };
    change(PASSWORD, new, false).send().await.expect(200);
    world.profile(&keys[0].text).await.expect(200);
    change(new, PASSWORD, true).send().await.expect(200);
    for key in &keys {
        world.profile(&key.text).await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
    let told =
        (world.times_told("user.api_key_revoked").await, world.times_audited(&person, "user.api_key_revoked").await);
    assert_eq!(told, (2, 2));

    let key = world.key(&person.access, &["profile:read"]).await;
    world.clock().set_offset_seconds(1);
    world.ask_reset("ada@example.com").await.expect(202);
    let body = json!({ "token": world.linked("mail.reset").await, "newPassword": new, "revokeApiKeys": true });
    world.api.post("/api/v1/auth/password-reset", body).send().await.expect(200);
    world.profile(&key.text).await.expect_failure(401, "AUTHENTICATION_FAILED");
}
