//! People as staff list, find, see and change them.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::identity::Role;
use serde_json::{Value, json};
use testkit::Answer;

use crate::projector;
use crate::world::{PASSWORD, Person, World};

/// A bcrypt hash of [`PASSWORD`], by libxcrypt.
pub const BCRYPT: &str = "$2y$04$GhvMmNVjRW29ulnudl.Lbu4n8JBSoIVR0E.KXkhseuCbUIXdp5yq.";

pub const USERS: &str = "/api/v1/users";

impl World {
    pub async fn create(&self, by: &Person, email: &str, fields: Value) -> Answer {
        let mut body = json!({ "name": "Olga Otherwise", "email": email });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.send(Method::POST, USERS, by, body).await
    }

    pub async fn list(&self, by: &Person, query: &str) -> Answer {
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
    assert!(souk_admin::check::check(&souk, &souk_admin::check::Ways::default()).await.unwrap().is_clean());
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
