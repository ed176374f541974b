//! Accounts that are made for others: with a password, with the hash of one, or by an invitation.

use axum::http::Method;
use domain::identity::Role;
use futures::future::join_all;
use serde_json::json;

use crate::people::{BCRYPT, USERS};
use crate::world::{PASSWORD, World};

#[tokio::test]
async fn whoever_is_invited_sets_the_first_password() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let made = world.create(&admin, "olga@example.com", json!({ "roles": ["operator"], "locale": "en-IN" })).await;
    let made = made.expect(201);
    assert_eq!(made.data()["roles"], json!(["user", "operator"]));
    assert_eq!((&made.data()["emailVerified"], &made.data()["hasPassword"]), (&json!(false), &json!(false)));
    world.login("olga@example.com", PASSWORD).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let token = world.linked("mail.invitation").await;
    let shown = world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send().await.expect(200);
    let expected = json!({ "purpose": "invitation", "email": "olga@example.com", "needsPassword": true });
    assert_eq!(shown.data(), &expected);
    world.verify(&token, "password").await.expect_failure(400, "VALIDATION_ERROR");
    let body = json!({ "token": token, "password": PASSWORD, "confirmPassword": "something else entirely" });
    world.api.post("/api/v1/auth/verify-email", body).send().await.expect_failure(400, "VALIDATION_ERROR");
    let body = json!({ "token": token });
    world.api.post("/api/v1/auth/verify-email", body).send().await.expect_failure(400, "VALIDATION_ERROR");
    let racing = join_all((0..5).map(|_| world.verify(&token, PASSWORD))).await;
    assert_eq!(racing.iter().filter(|answer| answer.status == 200).count(), 1);
    world.verify(&token, "another fine passphrase").await.expect_failure(400, "TOKEN_INVALID");
    let olga = world.sign_in("olga@example.com").await;
    assert_eq!((&olga.user["emailVerified"], &olga.user["roles"]), (&json!(true), &json!(["user", "operator"])));
    let trail = world.trail(&olga).await;
    assert_eq!((trail.len(), trail[0].0.as_str(), trail[0].1.as_str()), (1, "user.created", admin.id()));
}

#[tokio::test]
async fn an_invitation_ends_after_72_hours_and_with_every_other_proof() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let olga = world.create(&admin, "olga@example.com", json!({})).await.expect(201);
    let late = world.linked("mail.invitation").await;
    world.clock().set_offset_seconds(72 * 3600);
    world.verify(&late, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
    // A reset proves the address as well, and sets the first password.
    world.ask_reset("olga@example.com").await.expect(202);
    world.reset(&world.linked("mail.reset").await, PASSWORD).await.expect(200);
    assert_eq!(world.sign_in("olga@example.com").await.user["emailVerified"], true);
    world.clock().set_offset_seconds(0);
    world.verify(&late, "another fine passphrase").await.expect_failure(400, "TOKEN_INVALID");
    // An invitation to an address that the account has no longer is void.
    world.create(&admin, "bert@example.com", json!({})).await.expect(201);
    let moved = world.linked("mail.invitation").await;
    let listed = world.list(&admin, "?limit=1").await.expect(200);
    let path = format!("{USERS}/{}", listed.data()["users"][0]["id"].as_str().unwrap());
    assert_ne!(path, format!("{USERS}/{}", olga.data()["id"].as_str().unwrap()));
    world.send(Method::PATCH, &path, &admin, json!({ "email": "bertram@example.com" })).await.expect(200);
    world.verify(&moved, PASSWORD).await.expect_failure(400, "TOKEN_INVALID");
}

#[tokio::test]
async fn people_come_with_the_passwords_they_had() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let made = world.create(&admin, "bert@example.com", json!({ "passwordHash": BCRYPT })).await.expect(201);
    assert_eq!((&made.data()["emailVerified"], &made.data()["hasPassword"]), (&json!(true), &json!(true)));
    let id = made.data()["id"].as_str().unwrap();
    let kept = async || {
        let items = world.sandbox.partition(&format!("USR#{id}")).await;
        let head = items.into_iter().find(|item| item["sk"].as_s().unwrap() == "HEAD").unwrap();
        (head["password"].as_s().unwrap().clone(), head["version"].as_n().unwrap().clone())
    };
    world.login("bert@example.com", "wrong wrong wrong").await.expect(401);
    assert_eq!(kept().await.0, BCRYPT);
    world.login("bert@example.com", PASSWORD).await.expect(200);
    let (hash, version) = kept().await;
    assert!(hash.starts_with("$argon2id$") && version == "1", "{version}");
    world.login("bert@example.com", PASSWORD).await.expect(200);
    assert_eq!(kept().await.0, hash, "replaced once");

    world.create(&admin, "carl@example.com", json!({ "password": PASSWORD })).await.expect(201);
    world.login("carl@example.com", PASSWORD).await.expect(200);
    let trail = world.sandbox.partition(&format!("AUD#{id}")).await;
    assert!(!format!("{trail:?}").contains("$2y$"), "no hash in the trail");
    for wrong in [
        json!({ "password": PASSWORD, "passwordHash": BCRYPT }),
        json!({ "password": "password" }),
        json!({ "passwordHash": "5f4dcc3b5aa765d61d8327deb882cf99" }),
        json!({ "role": "root" }),
        json!({ "email": "nonsense" }),
    ] {
        world.create(&admin, "dora@example.com", wrong).await.expect_failure(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn s2_unique_under_race() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    for _ in 0..5 {
        world.register("ada@example.com").await.expect(201);
    }
    let tokens = world.mailed_tokens("ada@example.com").await;
    let before = world.accounts().await;
    let registered = join_all((0..10).map(|n| world.verify(&tokens[n % tokens.len()], PASSWORD)));
    let created = join_all((0..10).map(|_| world.create(&admin, "Ada@Example.com", json!({ "role": "host" }))));
    let (registered, created) = tokio::join!(registered, created);
    let won = registered.iter().filter(|answer| answer.status == 200).count()
        + created.iter().filter(|answer| answer.status == 201).count();
    assert_eq!((won, world.accounts().await - before), (1, 1));
    for lost in created.into_iter().filter(|answer| answer.status != 201) {
        lost.expect_failure(409, "EMAIL_TAKEN");
    }
    let souk = crate::admin::operator(&world.sandbox);
    assert!(souk_admin::check::check(&souk, &souk_admin::check::Ways::default()).await.unwrap().is_clean());
}

#[tokio::test]
async fn a_creation_sent_twice_is_done_once() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let send = async |email: &str, key: &str| {
        let call = world.api.post(USERS, json!({ "name": "Olga Otherwise", "email": email })).token(&admin.access);
        call.header("idempotency-key", key).send().await
    };
    let first = send("olga@example.com", "k1").await.expect(201);
    let before = world.everything().await;
    let second = send("olga@example.com", "k1").await.expect(201);
    assert_eq!((&first.text, second.header("idempotent-replayed")), (&second.text, Some("true")));
    send("other@example.com", "k1").await.expect_failure(422, "IDEMPOTENCY_MISMATCH");
    send("olga@example.com", "k2").await.expect_failure(409, "EMAIL_TAKEN");
    assert_eq!(world.everything().await, before);
    let race = join_all((0..6).map(|_| send("bert@example.com", "k3"))).await;
    let made = race.iter().find(|answer| answer.status == 201).unwrap();
    assert!(race.iter().all(|answer| answer.text == made.text || answer.status == 409), "one answer for all");
    // Another caller's key is another key.
    let second = world.staff("second@example.com", &[Role::Administrator]).await;
    let call = world.api.post(USERS, json!({ "name": "Dora", "email": "dora@example.com" })).token(&second.access);
    call.header("idempotency-key", "k1").send().await.expect(201);
}
