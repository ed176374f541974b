//! What is remembered: the trail of what was done by right of a role, and everybody's own activity.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::identity::Role;
use serde_json::{Value, json};

use crate::people::USERS;
use crate::world::{PASSWORD, Person, World};

#[tokio::test]
async fn an_administrator_signs_out_and_makes_choose_anew() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    let other = world.sign_in("ada@example.com").await;
    let out = async || world.api.call(Method::DELETE, &ada.path("/sessions")).token(&admin.access).send().await;
    assert_eq!(out().await.expect(200).data(), &json!({ "revoked": 2 }));
    for session in [&ada, &other] {
        world.profile(&session.access).await.expect(401);
    }
    assert_eq!(out().await.expect(200).data(), &json!({ "revoked": 0 }));
    let again = world.sign_in("ada@example.com").await;
    world.clock().set_offset_seconds(1);
    let reset = world.send(Method::POST, &ada.path("/password-reset"), &admin, json!({})).await.expect(202);
    assert_eq!(reset.data(), &json!({}));
    world.profile(&again.access).await.expect(401);
    world.reset(&world.linked("mail.reset").await, "another fine passphrase").await.expect(200);
    world.login("ada@example.com", "another fine passphrase").await.expect(200);
    let actions: Vec<String> = world.trail(&ada).await.into_iter().map(|entry| entry.0).collect();
    assert_eq!(actions, ["user.sessions_revoked", "user.sessions_revoked", "user.reset_forced"]);
    world.set_status(&admin, &ada, "disabled").await.expect(200);
    let answer = world.send(Method::POST, &ada.path("/password-reset"), &admin, json!({})).await;
    answer.expect_failure(409, "CONFLICT");
}

#[tokio::test]
async fn the_trail_is_read_by_actor_target_action_and_time() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let second = world.staff("second@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    let day = 24 * 3600;
    for n in 0..6 {
        world.clock().set_offset_seconds(n);
        let by = if n % 2 == 0 { &admin } else { &second };
        world.set_roles(by, &ada, if n % 2 == 0 { &["operator"] } else { &[] }).await.expect(200);
    }
    world.create(&admin, "olga@example.com", json!({})).await.expect(201);
    let read = async |query: String| {
        let answer = world.list(&admin, &format!("/audit{query}")).await.expect(200);
        let entries = answer.data()["entries"].as_array().unwrap().clone();
        (entries, answer.data()["pagination"]["nextCursor"].as_str().map(str::to_owned))
    };
    let (all, _) = read(String::new()).await;
    // Two of them say how the administrators were made.
    assert_eq!(all.len(), 9);
    assert_eq!((&all[0]["action"], &all[6]["action"]), (&json!("user.created"), &json!("user.roles_changed")));
    let entry = all[6].as_object().unwrap();
    let fields = [
        "id",
        "at",
        "actorId",
        "actorType",
        "action",
        "targetType",
        "targetId",
        "reason",
        "changes",
        "ip",
        "requestId",
    ];
    assert_eq!(entry.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(fields));
    assert_eq!(entry["changes"]["roles"], json!([["user"], ["user", "operator"]]));
    assert_eq!((&entry["actorId"], &entry["ip"]), (&json!(admin.id()), &json!("192.0.2.1")));
    for (query, count) in [
        (format!("?actorId={}", second.id()), 3),
        (format!("?actorId={}&action=user.created", admin.id()), 1),
        (format!("?targetId={}", ada.id()), 6),
        (format!("?targetId={}&actorId={}&action=user.roles_changed", ada.id(), admin.id()), 3),
        ("?action=user.status_changed".to_owned(), 0),
        (format!("?from={}", all[2]["at"].as_str().unwrap()), 3),
        (format!("?to={}", all[2]["at"].as_str().unwrap()), 7),
        (format!("?targetId={}&from={}", ada.id(), all[2]["at"].as_str().unwrap()), 2),
    ] {
        assert_eq!(read(query.clone()).await.0.len(), count, "{query}");
    }
    for filter in [String::new(), format!("&targetId={}", ada.id()), format!("&actorId={}", admin.id())] {
        let whole: Vec<Value> = read(format!("?limit=100{filter}")).await.0;
        let (mut entries, mut next) = read(format!("?limit=2{filter}")).await;
        while let Some(cursor) = next {
            let (more, after) = read(format!("?limit=2{filter}&cursor={cursor}")).await;
            entries.extend(more);
            next = after;
        }
        assert_eq!(entries, whole, "{filter}");
    }
    for wrong in ["?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z", "?from=yesterday", "?action=user.hugged"] {
        world.list(&admin, &format!("/audit{wrong}")).await.expect_failure(400, "VALIDATION_ERROR");
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = world.send(method, &format!("{USERS}/audit"), &admin, json!({})).await;
        answer.expect_failure(405, "METHOD_NOT_ALLOWED");
    }
    // Ninety days on, in another month, the earlier months are read too.
    world.clock().set_offset_seconds(89 * day);
    let later = world.sign_in("admin@example.com").await;
    assert_eq!(world.list(&later, "/audit").await.expect(200).data()["entries"].as_array().unwrap().len(), 9);
    world.clock().set_offset_seconds(91 * day);
    let later = world.sign_in("admin@example.com").await;
    assert!(world.list(&later, "/audit").await.expect(200).data()["entries"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn activity_is_ones_own_newest_first() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let bob = world.person("bob@example.com").await;
    for n in 1..=4 {
        world.clock().set_offset_seconds(n);
        world.sign_in("ada@example.com").await;
    }
    world.clock().set_offset_seconds(10);
    world.send(Method::PATCH, "/api/v1/users/profile", &ada, json!({ "bio": "no sign-in" })).await.expect(200);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "another fine passphrase" });
    world.post("/api/v1/auth/change-password", &ada.access, body).await.expect(200);
    let read = async |by: &Person, query: &str| {
        let answer = world.list(by, &format!("/profile/activity{query}")).await.expect(200);
        let entries = answer.data()["activity"].as_array().unwrap().clone();
        (entries, answer.data()["pagination"]["nextCursor"].as_str().map(str::to_owned))
    };
    let (all, next) = read(&ada, "").await;
    let actions: Vec<&str> = all.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions[0], "user.password_changed");
    assert_eq!((actions[1..].len(), next), (5, None));
    assert!(actions[1..].iter().all(|action| *action == "user.logged_in"));
    let fields = ["id", "at", "action", "ip", "userAgent", "sessionId"];
    assert_eq!(all[1].as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(fields));
    assert_eq!(all[1]["ip"], "192.0.2.1");
    for limit in [1, 2, 4] {
        let (mut entries, mut next) = read(&ada, &format!("?limit={limit}")).await;
        while let Some(cursor) = next {
            let (more, after) = read(&ada, &format!("?limit={limit}&cursor={cursor}")).await;
            assert!(more.len() <= limit);
            entries.extend(more);
            next = after;
        }
        assert_eq!(entries, all, "limit {limit}");
    }
    assert_eq!(read(&bob, "").await.0.len(), 1);
    let cursor = read(&ada, "?limit=1").await.1.unwrap();
    let foreign = world.list(&bob, &format!("/profile/activity?cursor={cursor}")).await;
    foreign.expect_failure(400, "VALIDATION_ERROR");
    world.list(&ada, "/profile/activity?limit=0").await.expect_failure(400, "VALIDATION_ERROR");
    world.clock().set_offset_seconds(91 * 24 * 3600);
    let body = json!({ "email": "ada@example.com", "password": "another fine passphrase" });
    let late = world.api.post("/api/v1/auth/login", body).send().await.expect(200);
    let late = Person { access: late.data()["accessToken"].as_str().unwrap().to_owned(), ..bob };
    assert_eq!(read(&late, "").await.0.len(), 1);
}
