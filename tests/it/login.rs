//! Signing in and out, and the lock.

use serde_json::json;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn tokens_are_as_specified() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let answer = world.login("ADA@example.com ", PASSWORD).await.expect(200);
    let data = answer.data();
    assert_eq!(data["tokenType"], "Bearer");
    assert_eq!(data["expiresIn"], 900);
    assert_eq!(data["refreshExpiresIn"], 7 * 24 * 3600);
    assert_eq!(data["user"]["id"], person.user["id"]);
    assert!(data["user"]["lastLoginAt"].is_string());
    let session = world.api.get("/api/v1/auth/session").token(data["accessToken"].as_str().unwrap()).send().await;
    let session = session.expect(200);
    assert_eq!(session.data()["session"]["id"], data["sessionId"]);
    assert_eq!(session.data()["session"]["current"], true);
    assert_eq!(session.data()["session"]["ip"], "192.0.2.1");
    assert_eq!(session.data()["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn unknown_address_and_wrong_password_are_answered_alike() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    let wrong = world.login("ada@example.com", "not the password").await.expect_failure(401, "AUTHENTICATION_FAILED");
    let unknown = world.login("bob@example.com", "not the password").await.expect_failure(401, "AUTHENTICATION_FAILED");
    assert_eq!(wrong.json["message"], unknown.json["message"]);
    let names = |answer: &testkit::Answer| answer.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
}

#[tokio::test]
async fn s3_lock_five() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            world.login(email, "wrong wrong wrong").await.expect_failure(401, "AUTHENTICATION_FAILED");
        }
        let locked = world.login(email, PASSWORD).await.expect_failure(423, "ACCOUNT_LOCKED");
        let seconds: u64 = locked.header("retry-after").unwrap().parse().unwrap();
        assert!((1790..=1800).contains(&seconds), "{seconds}");
    }
    let told = world.events().await;
    assert_eq!(told.iter().filter(|event| event.name == "user.locked").count(), 1);
    world.clock().set_offset_seconds(30 * 60 + 1);
    world.login("ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_lock_stops_guessing_only() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    for _ in 0..6 {
        world.login("ada@example.com", "wrong wrong wrong").await;
    }
    world.profile(&person.access).await.expect(200);
    world.refresh(&person.refresh).await.expect(200);
}

#[tokio::test]
async fn success_forgets_wrong_guesses() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    for _ in 0..3 {
        for _ in 0..4 {
            world.login("ada@example.com", "wrong wrong wrong").await.expect(401);
        }
        world.login("ada@example.com", PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn guesses_half_an_hour_apart_do_not_add_up() {
    let world = World::start().await;
    world.person("ada@example.com").await;
    for i in 0..8 {
        world.clock().set_offset_seconds(i * 1801);
        world.login("ada@example.com", "wrong wrong wrong").await.expect(401);
    }
}

#[tokio::test]
async fn a_disabled_account_stops() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let user = person.user["id"].as_str().unwrap();
    let update = world.sandbox.dynamodb().update_item().table_name("souk-local-core");
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let update = update.key("pk", text(&format!("USR#{user}"))).key("sk", text("HEAD"));
    let update = update.update_expression("SET #s = :s").expression_attribute_names("#s", "status");
    update.expression_attribute_values(":s", text("disabled")).send().await.unwrap();

    world.profile(&person.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    // s4_refresh_forever
    world.refresh(&person.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.login("ada@example.com", PASSWORD).await.expect_failure(403, "ACCOUNT_DISABLED");
    world.login("ada@example.com", "wrong wrong wrong").await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn logout_ends_this_session_or_all() {
    let world = World::start().await;
    let first = world.person("ada@example.com").await;
    let second = world.sign_in("ada@example.com").await;
    let third = world.sign_in("ada@example.com").await;
    // Without a body it means this session.
    world.api.call(axum::http::Method::POST, "/api/v1/auth/logout").token(&first.access).send().await.expect(200);
    world.profile(&first.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.refresh(&first.refresh).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.profile(&second.access).await.expect(200);
    let everywhere = json!({ "everywhere": true });
    world.api.post("/api/v1/auth/logout", everywhere).token(&second.access).send().await.expect(200);
    world.profile(&third.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let told = world.events().await;
    assert_eq!(told.iter().filter(|event| event.name == "user.logged_out").count(), 3);
}

#[tokio::test]
async fn the_twenty_first_session_replaces_the_oldest() {
    let world = World::start().await;
    let first = world.person("ada@example.com").await;
    let second = world.sign_in("ada@example.com").await;
    for i in 0..19 {
        world.clock().set_offset_seconds(4 * (i + 1));
        world.sign_in("ada@example.com").await;
    }
    world.profile(&first.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.profile(&second.access).await.expect(200);
}
