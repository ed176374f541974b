//! People as staff see, make and change them, and the trail of it.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::identity::Role;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Answer;

use crate::projector;
use crate::world::{PASSWORD, Person, World};

/// A bcrypt hash of [`PASSWORD`], by libxcrypt.
pub const BCRYPT: &str = "$2y$04$GhvMmNVjRW29ulnudl.Lbu4n8JBSoIVR0E.KXkhseuCbUIXdp5yq.";

const USERS: &str = "/api/v1/users";

impl World {
    pub async fn create(&self, by: &Person, email: &str, fields: Value) -> Answer {
        let mut body = json!({ "name": "Olga Otherwise", "email": email });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.send(Method::POST, USERS, by, body).await
    }

    async fn list(&self, by: &Person, query: &str) -> Answer {
        self.api.get(&format!("{USERS}{query}")).token(&by.access).send().await
    }
}

fn emails(answer: &Answer) -> Vec<String> {
    let users = answer.data()["users"].as_array().unwrap();
    users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
}

/// An administrator and `count` accounts, made one after the other.
async fn town(count: usize) -> (World, Person) {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    for n in 0..count {
        world.clock().set_offset_seconds(i64::try_from(n).unwrap() + 1);
        let role = if n % 3 == 0 { "host" } else { "buyer" };
        world.create(&admin, &format!("p{n:02}@example.com"), json!({ "role": role })).await.expect(201);
    }
    (world, admin)
}

#[tokio::test]
async fn s4_users_open() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let operator = world.staff("operator@example.com", &[Role::Operator]).await;
    let before = world.everything().await;
    let body = json!({ "name": "Eve", "email": "eve@example.com" });
    world.api.get(USERS).send().await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.api.post(USERS, body.clone()).send().await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.list(&ada, "").await.expect_failure(403, "AUTHORIZATION_FAILED");
    for by in [&ada, &operator] {
        world.create(by, "eve@example.com", json!({})).await.expect_failure(403, "AUTHORIZATION_FAILED");
        world.list(by, "/audit").await.expect_failure(403, "AUTHORIZATION_FAILED");
        for (method, path) in
            [(Method::PATCH, ada.path("")), (Method::PUT, ada.path("")), (Method::POST, ada.path("/password-reset"))]
        {
            world.send(method, &path, by, json!({})).await.expect_failure(403, "AUTHORIZATION_FAILED");
        }
        let out = world.api.call(Method::DELETE, &ada.path("/sessions")).token(&by.access);
        out.send().await.expect_failure(403, "AUTHORIZATION_FAILED");
    }
    assert_eq!(world.everything().await, before);
    assert_eq!(emails(&world.list(&operator, "").await.expect(200)).len(), 2);
}

#[tokio::test]
async fn s3_foreign_reads() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let bob = world.person("bob@example.com").await;
    let operator = world.staff("operator@example.com", &[Role::Operator]).await;
    let show = |by: &Person, of: &Person| world.api.get(&of.path("")).token(&by.access).send();
    let own = show(&ada, &ada).await.expect(200);
    assert_eq!(own.data()["email"], "ada@example.com");
    assert!(own.data().get("lockedUntil").is_none() && own.header("etag").is_some());
    show(&bob, &ada).await.expect_failure(404, "RESOURCE_NOT_FOUND");
    for nobody in ["usr_01h455vb4pex5vsknk084sn02q", "nonsense", "audit"] {
        let path = format!("{USERS}/{nobody}");
        let answer = world.api.get(&path).token(&bob.access).send().await;
        assert!([403, 404].contains(&answer.status.as_u16()), "{nobody}");
    }
    for _ in 0..5 {
        world.login("ada@example.com", "wrong wrong wrong").await;
    }
    let seen = show(&operator, &ada).await.expect(200);
    assert_eq!(seen.data()["activeSessions"], 1);
    assert!(seen.data()["lockedUntil"].is_string(), "{}", seen.text);
    assert!(show(&operator, &operator).await.expect(200).data()["lockedUntil"].is_null());
    // Nor does anybody see another's sessions.
    let sessions = world.api.get("/api/v1/auth/sessions").token(&bob.access).send().await.expect(200);
    assert_eq!(sessions.data()["sessions"].as_array().unwrap().len(), 1);
    let foreign = format!("/api/v1/auth/sessions/{}", session_of(&world, &ada).await);
    let end = world.api.call(Method::DELETE, &foreign).token(&bob.access).send().await;
    end.expect_failure(404, "RESOURCE_NOT_FOUND");
}

async fn session_of(world: &World, person: &Person) -> String {
    let shown = world.api.get("/api/v1/auth/session").token(&person.access).send().await.expect(200);
    shown.data()["session"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn people_come_in_pages_by_number_and_by_cursor() {
    let (world, admin) = town(11).await;
    let all: Vec<String> =
        (0..11).rev().map(|n| format!("p{n:02}@example.com")).chain(["admin@example.com".into()]).collect();
    assert_eq!(emails(&world.list(&admin, "").await.expect(200)), all);
    let mut oldest = all.clone();
    oldest.reverse();
    assert_eq!(emails(&world.list(&admin, "?sort=createdAt").await.expect(200)), oldest);
    let mut by_page = Vec::new();
    for page in 1..=3 {
        let answer = world.list(&admin, &format!("?limit=5&page={page}")).await.expect(200);
        let pagination = &answer.data()["pagination"];
        assert_eq!((&pagination["page"], &pagination["hasPrev"]), (&json!(page), &json!(page > 1)));
        assert_eq!(pagination["hasNext"], page < 3, "{}", answer.text);
        assert!(pagination.get("total").is_some() && pagination.get("totalPages").is_some());
        by_page.extend(emails(&answer));
    }
    assert_eq!(by_page, all);
    assert!(emails(&world.list(&admin, "?limit=5&page=4").await.expect(200)).is_empty());
    // Entered by number, gone on through by cursor.
    let mut answer = world.list(&admin, "?limit=5&page=1").await.expect(200);
    let mut by_cursor = emails(&answer);
    while let Some(cursor) = answer.data()["pagination"]["nextCursor"].as_str() {
        answer = world.list(&admin, &format!("?limit=4&cursor={cursor}")).await.expect(200);
        assert!(answer.data()["pagination"].get("page").is_none());
        by_cursor.extend(emails(&answer));
    }
    assert_eq!(by_cursor, all);
}

#[tokio::test]
async fn people_are_told_apart_by_role_and_status() {
    let (world, admin) = town(9).await;
    let listed = world.list(&admin, "?role=host").await.expect(200);
    assert_eq!(emails(&listed), ["p06@example.com", "p03@example.com", "p00@example.com"]);
    let second = Person { access: String::new(), refresh: String::new(), user: listed.data()["users"][1].clone() };
    world.set_status(&admin, &second, "disabled").await.expect(200);
    for (query, expected) in [
        ("?role=HOST&status=active", vec!["p06@example.com", "p00@example.com"]),
        ("?role=host&status=active&sort=createdAt", vec!["p00@example.com", "p06@example.com"]),
        ("?role=host&status=disabled", vec!["p03@example.com"]),
        ("?role=buyer&status=disabled", vec![]),
        ("?role=host&status=active&limit=1&page=2", vec!["p00@example.com"]),
        ("?role=user&status=disabled", vec!["p03@example.com"]),
        ("?status=disabled", vec!["p03@example.com"]),
        ("?role=administrator", vec!["admin@example.com"]),
        ("?role=operator", vec![]),
    ] {
        assert_eq!(emails(&world.list(&admin, query).await.expect(200)), expected, "{query}");
    }
    world.set_roles(&admin, &second, &["buyer"]).await.expect_failure(409, "CONFLICT");
    world.set_roles(&admin, &second, &[]).await.expect(200);
    assert_eq!(emails(&world.list(&admin, "?role=host").await.expect(200)).len(), 2);
    assert_eq!(emails(&world.list(&admin, "?status=active").await.expect(200)).len(), 9);
}

#[tokio::test]
async fn wrong_pages_and_cursors_are_refused() {
    let (world, admin) = town(3).await;
    let first = world.list(&admin, "?limit=2&role=buyer&sort=createdAt").await.expect(200);
    assert!(first.data()["pagination"]["nextCursor"].is_null(), "{}", first.text);
    let first = world.list(&admin, "?limit=2").await.expect(200);
    let cursor = first.data()["pagination"]["nextCursor"].as_str().unwrap();
    world.list(&admin, &format!("?cursor={cursor}&limit=1")).await.expect(200);
    let mut altered = cursor.to_owned();
    altered.replace_range(altered.len() - 2.., if cursor.ends_with("AA") { "BB" } else { "AA" });
    for query in [
        "?page=0".to_owned(),
        "?page=-1".to_owned(),
        "?page=x".to_owned(),
        "?page=501".to_owned(),
        "?limit=100&page=101".to_owned(),
        "?limit=0".to_owned(),
        "?limit=101".to_owned(),
        "?role=root".to_owned(),
        "?status=deleted".to_owned(),
        "?sort=name".to_owned(),
        format!("?cursor={cursor}&page=1"),
        format!("?cursor={cursor}&role=host"),
        format!("?cursor={cursor}&sort=createdAt"),
        format!("?cursor={altered}"),
        "?cursor=".to_owned(),
    ] {
        world.list(&admin, &query).await.expect_failure(400, "VALIDATION_ERROR");
    }
    world.list(&admin, "?limit=100&page=100").await.expect(200);
    let other = world.staff("other@example.com", &[Role::Operator]).await;
    world.list(&other, &format!("?cursor={cursor}")).await.expect_failure(400, "VALIDATION_ERROR");
}

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
    assert!(souk_admin::check::check(&souk).await.unwrap().is_clean());
}

#[tokio::test]
async fn an_administrator_changes_somebody_as_a_whole_or_not_at_all() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    let bob = world.person("bob@example.com").await;
    let change = json!({
        "name": "Ada King", "username": "ada", "bio": "First.", "email": "king@example.com", "roles": ["host"],
        "status": "active", "version": 99, "reason": "she asked for it",
    });
    let changed = world.send(Method::PUT, &ada.path(""), &admin, change).await.expect(200);
    for (field, value) in
        [("name", json!("Ada King")), ("email", json!("king@example.com")), ("roles", json!(["user", "host"]))]
    {
        assert_eq!(changed.data()[field], value);
    }
    assert_eq!((&changed.data()["version"], changed.header("etag")), (&json!(2), Some("\"2\"")));
    world.login("ada@example.com", PASSWORD).await.expect(401);
    world.login("king@example.com", PASSWORD).await.expect(200);
    let trail = world.trail(&ada).await;
    assert!(trail.len() == 1 && trail[0].0 == "user.updated" && trail[0].2.contains("king@example.com"), "{trail:?}");
    let told: BTreeSet<String> = world.events().await.into_iter().map(|event| event.name).collect();
    for name in ["user.updated", "user.email_changed", "user.role_granted"] {
        assert!(told.contains(name), "{name}");
    }
    let before = world.everything().await;
    for (body, status, code) in [
        (json!({ "email": "KING@example.com", "bio": "x" }), 409, "EMAIL_TAKEN"),
        (json!({ "username": "ada", "bio": "x" }), 409, "USERNAME_TAKEN"),
        (json!({ "name": null }), 400, "VALIDATION_ERROR"),
        (json!({ "email": "nonsense" }), 400, "VALIDATION_ERROR"),
        (json!({ "role": "root" }), 400, "VALIDATION_ERROR"),
        (json!({ "newsletter": "yes" }), 400, "VALIDATION_ERROR"),
        (json!({ "status": "disabled", "roles": ["operator"] }), 409, "CONFLICT"),
    ] {
        world.send(Method::PATCH, &bob.path(""), &admin, body).await.expect_failure(status, code);
    }
    let last = json!({ "status": "disabled" });
    world.send(Method::PATCH, &admin.path(""), &admin, last).await.expect_failure(409, "LAST_ADMINISTRATOR");
    assert_eq!(world.everything().await, before);
    let souk = crate::admin::operator(&world.sandbox);
    assert!(souk_admin::check::check(&souk).await.unwrap().is_clean());
}

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
    assert_eq!(all.len(), 7);
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
        (format!("?to={}", all[2]["at"].as_str().unwrap()), 5),
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
    assert_eq!(world.list(&later, "/audit").await.expect(200).data()["entries"].as_array().unwrap().len(), 7);
    world.clock().set_offset_seconds(91 * day);
    let later = world.sign_in("admin@example.com").await;
    assert!(world.list(&later, "/audit").await.expect(200).data()["entries"].as_array().unwrap().is_empty());
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

#[tokio::test]
async fn people_are_found_by_words_and_counted() {
    let (world, admin) = town(7).await;
    let made = world.create(&admin, "zoe@example.com", json!({ "name": "Zoë Other", "role": "host" })).await;
    made.expect(201);
    let projector = projector::start(&world.sandbox).await;
    projector::project(&projector, &projector::told(&world).await).await;
    let found = async |query: &str| emails(&world.list(&admin, query).await.expect(200));
    assert_eq!(found("?search=zoe").await, ["zoe@example.com"]);
    assert_eq!(found("?search=p03").await, ["p03@example.com"]);
    assert_eq!(found("?search=olga%20other").await.len(), 7);
    assert_eq!(found("?search=other&role=host").await.len(), 4);
    assert_eq!(found("?search=other&role=host&status=disabled").await.len(), 0);
    assert_eq!(found("?search=nobody").await.len(), 0);
    let whole = found("?search=other&sort=createdAt").await;
    let mut pages = Vec::new();
    for page in 1..=3 {
        pages.extend(found(&format!("?search=other&sort=createdAt&limit=3&page={page}")).await);
    }
    assert_eq!((pages.len(), &pages), (8, &whole));
    let mut answer = world.list(&admin, "?search=other&sort=createdAt&limit=3").await.expect(200);
    assert!(answer.data()["pagination"]["total"].is_null());
    let mut by_cursor = emails(&answer);
    while let Some(cursor) = answer.data()["pagination"]["nextCursor"].as_str() {
        answer = world.list(&admin, &format!("?search=other&sort=createdAt&limit=3&cursor={cursor}")).await.expect(200);
        by_cursor.extend(emails(&answer));
    }
    assert_eq!(by_cursor, whole);
    for (query, total, pages) in [
        ("?limit=4", json!(9), json!(3)),
        ("?role=host&limit=2", json!(4), json!(2)),
        ("?status=active", json!(9), json!(1)),
        ("?status=disabled", json!(0), json!(0)),
        ("?role=host&status=active", json!(null), json!(null)),
    ] {
        let answer = world.list(&admin, query).await.expect(200);
        let pagination = &answer.data()["pagination"];
        assert_eq!((&pagination["total"], &pagination["totalPages"]), (&total, &pages), "{query}");
    }
    for wrong in ["?search=a", "?search=", &format!("?search={}", "x".repeat(101))] {
        world.list(&admin, wrong).await.expect_failure(400, "VALIDATION_ERROR");
    }
}
