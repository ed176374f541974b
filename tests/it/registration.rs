//! Registrations: an account is made by whoever proves both the address and the password.

use futures::future::join_all;
use serde_json::json;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn registration_verification_and_login_make_an_account() {
    let world = World::start().await;
    let answer = world.register("Ada@Example.com").await.expect(201);
    assert_eq!(*answer.data(), json!({ "email": "Ada@Example.com", "verificationRequired": true, "expiresIn": 86400 }));
    assert_eq!(world.accounts().await, 0);

    let token = world.mailed_tokens("ada@example.com").await.pop().unwrap();
    let shown = world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await.expect(200);
    assert_eq!(*shown.data(), json!({ "purpose": "registration", "email": "Ada@Example.com", "needsPassword": true }));
    let verified = world.verify(&token, PASSWORD).await.expect(200);
    assert_eq!(*verified.data(), json!({ "purpose": "registration", "email": "Ada@Example.com" }));

    let person = world.sign_in("ada@example.com").await;
    assert_eq!(person.user["name"], "Ada Lovelace");
    assert_eq!(person.user["roles"], json!(["user"]));
    let told: Vec<String> = world.events().await.into_iter().map(|event| event.name).collect();
    assert!(told.contains(&"user.registered".to_owned()) && told.contains(&"user.logged_in".to_owned()), "{told:?}");
}

#[tokio::test]
async fn s3_scanner_changes_nothing() {
    let world = World::start().await;
    world.register("ada@example.com").await.expect(201);
    let token = world.mailed_tokens("ada@example.com").await.pop().unwrap();
    let before = world.everything().await;
    for _ in 0..5 {
        world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await.expect(200);
    }
    assert_eq!(world.everything().await, before);
    world.login("ada@example.com", PASSWORD).await.expect_failure(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn s3_link_needs_password() {
    let world = World::start().await;
    world.register("ada@example.com").await.expect(201);
    let token = world.mailed_tokens("ada@example.com").await.pop().unwrap();
    let path = "/api/v1/auth/verify-email";
    world.api.post(path, json!({ "token": token })).send().await.expect_failure(400, "VALIDATION_ERROR");
    world.verify(&token, "another password entirely").await.expect_failure(401, "AUTHENTICATION_FAILED");
    assert_eq!(world.accounts().await, 0);
    world.verify(&token, PASSWORD).await.expect(200);
    world.verify(&token, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
    assert_eq!(world.accounts().await, 1);
}

#[tokio::test]
async fn s3_verify_before_login() {
    let world = World::start().await;
    world.register("ada@example.com").await.expect(201);
    world.login("ada@example.com", PASSWORD).await.expect_failure(403, "EMAIL_NOT_VERIFIED");
    world.login("ada@example.com", "wrong password here").await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn a_known_address_is_answered_alike_and_mailed_otherwise() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    let known = world.register("ada@example.com").await.expect(201);
    let unknown = world.register("bob@example.com").await.expect(201);
    let keys = |answer: &testkit::Answer| answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(&known), keys(&unknown));
    assert_eq!(known.json["message"], unknown.json["message"]);
    let told: Vec<String> = world.events().await.into_iter().map(|event| event.name).collect();
    assert_eq!(told.iter().filter(|name| *name == "mail.already_registered").count(), 1);
    // Its token is void: the address has an owner.
    let token = world.mailed_tokens("ada@example.com").await.pop().unwrap();
    let shown = world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await;
    shown.expect_failure(400, "TOKEN_INVALID");
    world.verify(&token, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
}

#[tokio::test]
async fn s2_unique_under_race() {
    let world = World::start().await;
    let twins = ["ada@example.com", "ADA@example.com", " ada@EXAMPLE.com ", "ａｄａ@example.com", "ada@example。com"];
    let registrations = (0..50).map(|i| world.register(twins[i % twins.len()]));
    for answer in join_all(registrations).await {
        answer.expect(201);
    }
    let tokens = world.mailed_tokens("ada@example.com").await;
    let activations = tokens.iter().cycle().take(50).map(|token| world.verify(token, PASSWORD));
    let answers = join_all(activations).await;
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let code = answer.json["code"].as_str().unwrap();
        assert!(["TOKEN_INVALID", "ACCOUNT_LOCKED"].contains(&code), "{}", answer.text);
    }
    assert_eq!(world.accounts().await, 1);
    // Racing guesses that were right leave no lock behind.
    world.login("ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_newest_five_wait() {
    let world = World::start().await;
    let mut tokens = Vec::new();
    for _ in 0..7 {
        world.register("ada@example.com").await.expect(201);
        world.clock().set_offset_seconds(tokens.len() as i64 + 1);
        tokens.push(world.mailed_tokens("ada@example.com").await.pop().unwrap());
    }
    for (i, token) in tokens.iter().enumerate() {
        let shown = world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await;
        assert_eq!(shown.status == 200, i >= 2, "registration {i}");
    }
}

#[tokio::test]
async fn a_registration_ends_after_a_day() {
    let world = World::start().await;
    world.register("ada@example.com").await.expect(201);
    let token = world.mailed_tokens("ada@example.com").await.pop().unwrap();
    world.clock().set_offset_seconds(24 * 3600);
    world.verify(&token, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
    world.login("ada@example.com", PASSWORD).await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn s4_self_admin() {
    let world = World::start().await;
    let mut body = json!({ "name": "Eve Adams", "email": "eve@example.com", "password": PASSWORD });
    for role in ["administrator", "ADMINISTRATOR", "operator", "provider"] {
        body["roles"] = json!(["host", role]);
        world.api.post("/api/v1/auth/register", body.clone()).send().await.expect_failure(400, "VALIDATION_ERROR");
    }
    body["roles"] = json!(["CLOUD-USER"]);
    body["role"] = json!("host");
    for (name, value) in [("isAdmin", json!(true)), ("status", json!("active")), ("emailVerified", json!(true))] {
        body[name] = value;
    }
    world.api.post("/api/v1/auth/register", body).send().await.expect(201);
    let token = world.mailed_tokens("eve@example.com").await.pop().unwrap();
    world.verify(&token, PASSWORD).await.expect(200);
    let person = world.sign_in("eve@example.com").await;
    assert_eq!(person.user["roles"], json!(["user", "cloud_user", "host"]));
}

#[tokio::test]
async fn s4_weak_password_is_refused_with_its_reason() {
    let world = World::start().await;
    for password in ["abcdef", "password", "12345678", "ada.lovelace", &"x".repeat(129)] {
        let body = json!({ "name": "Ada Lovelace", "email": "ada.lovelace@example.com", "password": password });
        let answer = world.api.post("/api/v1/auth/register", body).send().await.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(answer.json["details"][0]["field"], "password", "{password}");
    }
    assert!(world.everything().await.is_empty());
}

#[tokio::test]
async fn all_broken_rules_are_told_at_once() {
    let world = World::start().await;
    let body = json!({ "name": "A", "email": "nobody", "password": "good enough for me", "confirmPassword": "no", "phone": "1" });
    let answer = world.api.post("/api/v1/auth/register", body).send().await.expect_failure(400, "VALIDATION_ERROR");
    let mut fields: Vec<&str> =
        answer.json["details"].as_array().unwrap().iter().map(|detail| detail["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["confirmPassword", "email", "name", "phone"]);
}
