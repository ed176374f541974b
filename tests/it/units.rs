//! What operations cost, as the tap counts it: the figures of docs/DATA.md.

use axum::http::Method;
use domain::identity::Role;
use serde_json::json;
use testkit::{Answer, Call, Spent};

use crate::mfa::unbase32;
use crate::openapi::document;
use crate::world::{PASSWORD, Person, World};

/// What an act costs.
pub async fn cost<T>(world: &World, act: impl Future<Output = T>) -> (Spent, T) {
    let before = world.sandbox.spent();
    let result = act.await;
    (world.sandbox.spent() - before, result)
}

/// A counter of a small class, asked once; the figures are without it.
const COUNTED: f64 = 1.0;

async fn staff_costs(world: &World, access: &str, within: &mut impl FnMut(&'static str, Spent, f64)) {
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let grace = world.person("grace@example.com").await;
    let take = world.api.post("/api/v1/users/profile/roles", json!({ "role": "buyer" })).token(access).send();
    let (spent, answer) = cost(world, take).await;
    answer.expect(201);
    within("take a role", spent, 5.0 + COUNTED);
    let (spent, answer) = cost(world, world.set_roles(&admin, &grace, &["operator"])).await;
    answer.expect(200);
    within("set roles, one more", spent, 8.0);
    let (spent, answer) = cost(world, world.set_status(&admin, &grace, "disabled")).await;
    answer.expect(200);
    within("disable, one session", spent, 9.0);
    world.set_status(&admin, &grace, "active").await.expect(200);
    let session = world.sign_in("grace@example.com").await;
    let get = |path: String, by: &Person| world.api.get(&path).token(&by.access).send();
    for (what, path, by) in [
        ("list people", "/api/v1/users".to_owned(), &admin),
        ("show somebody", grace.path(""), &admin),
        ("read the trail", "/api/v1/users/audit".to_owned(), &admin),
        ("list activity", "/api/v1/users/profile/activity".to_owned(), &session),
    ] {
        let (spent, answer) = cost(world, get(path, by)).await;
        answer.expect(200);
        within(what, spent, 0.0);
    }
    let (spent, answer) = cost(world, world.create(&admin, "olga@example.com", json!({}))).await;
    answer.expect(201);
    within("invite", spent, 11.0);
    let paths = (grace.path(""), grace.path("/password-reset"));
    let change = world.send(Method::PATCH, &paths.0, &admin, json!({ "bio": "x" }));
    let (spent, answer) = cost(world, change).await;
    answer.expect(200);
    within("change somebody", spent, 5.0);
    let reset = world.send(Method::POST, &paths.1, &admin, json!({}));
    let (spent, answer) = cost(world, reset).await;
    answer.expect(202);
    within("force a reset, one session", spent, 7.0);
    let lost = world.enrolled("lost@example.com").await.person;
    for (what, path, writes) in [("sign somebody out, one session", "/sessions", 5.0), ("remove a factor", "/mfa", 9.0)]
    {
        let remove = world.api.call(Method::DELETE, &lost.path(path)).token(&admin.access).send();
        let (spent, answer) = cost(world, remove).await;
        answer.expect(200);
        within(what, spent, writes);
    }
}

/// Sends a request and holds its cost against `writes`, the counter of its class included.
async fn costs(
    world: &World,
    within: &mut impl FnMut(&'static str, Spent, f64),
    what: &'static str,
    call: Call<'_>,
    writes: f64,
) -> Answer {
    let (spent, answer) = cost(world, call.send()).await;
    assert!(answer.status.is_success(), "{what}: {}", answer.text);
    within(what, spent, writes + COUNTED);
    answer
}

async fn credential_costs(world: &World, within: &mut impl FnMut(&'static str, Spent, f64)) {
    let ida = world.person("ida@example.com").await;
    let (other, third) = (world.sign_in("ida@example.com").await, world.sign_in("ida@example.com").await);
    let token = ida.access.as_str();
    let auth = |method: Method, path: &str| world.api.call(method, &format!("/api/v1/auth{path}")).token(token);
    costs(world, within, "list sessions", auth(Method::GET, "/sessions"), 0.0).await;
    let session = world.auth.app.verifier.verify(&other.access, world.clock().now()).unwrap().sid;
    let one = auth(Method::DELETE, &format!("/sessions/{session}"));
    costs(world, within, "end one session", one, 4.0).await;
    costs(world, within, "end all others, one", auth(Method::DELETE, "/sessions"), 4.0).await;
    drop(third);
    let body = json!({ "newEmail": "ida.two@example.com", "password": PASSWORD });
    costs(world, within, "ask for another address", auth(Method::POST, "/change-email").json(body), 3.0).await;
    let body = json!({ "email": "ida@example.com" });
    costs(world, within, "resend", auth(Method::POST, "/verify-email/resend").json(body), 1.0).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "another fine passphrase" });
    costs(world, within, "change the password", auth(Method::POST, "/change-password").json(body), 7.0).await;
    let drop_role = world.api.call(Method::DELETE, "/api/v1/users/profile/roles/host").token(token);
    let take = world.api.post("/api/v1/users/profile/roles", json!({ "role": "host" })).token(token);
    take.send().await.expect(201);
    costs(world, within, "drop a role", drop_role, 8.0).await;
    world.ask_reset("ida@example.com").await.expect(202);
    let reset = json!({ "token": world.linked("mail.reset").await, "newPassword": PASSWORD });
    let reset = world.api.post("/api/v1/auth/password-reset", reset);
    costs(world, within, "reset the password, one session", reset, 10.0).await;
}

async fn factor_costs(world: &World, within: &mut impl FnMut(&'static str, Spent, f64)) {
    let token = world.person("eve@example.com").await.access;
    let mfa = |method: Method, path: &str| world.api.call(method, &format!("/api/v1/auth/mfa{path}")).token(&token);
    costs(world, within, "show the factor", mfa(Method::GET, ""), 0.0).await;
    let body = json!({ "password": PASSWORD });
    let begun = costs(world, within, "begin a factor", mfa(Method::POST, "/totp").json(body), 3.0).await;
    let secret = unbase32(begun.data()["secret"].as_str().unwrap());
    let body = json!({ "code": world.code(&secret, 0) });
    costs(world, within, "confirm a factor", mfa(Method::POST, "/totp/confirm").json(body), 12.0).await;
    world.pass(60);
    let body = json!({ "password": PASSWORD, "code": world.code(&secret, 0) });
    costs(world, within, "new recovery codes", mfa(Method::POST, "/recovery-codes").json(body), 9.0).await;
    world.pass(60);
    let body = json!({ "password": PASSWORD, "code": world.code(&secret, 0) });
    costs(world, within, "give up a factor", mfa(Method::POST, "/totp/disable").json(body), 12.0).await;
}

#[tokio::test]
async fn write_units_are_within_the_chapters_figures() {
    let world = World::start().await;
    let mut table = Vec::new();
    let mut within = |what: &'static str, spent: Spent, writes: f64| {
        table.push(format!("{what}: {} WCU, {} RCU, {} calls", spent.writes, spent.reads, spent.calls));
        assert!(spent.writes <= writes, "{what}: {spent:?}");
    };
    let body =
        json!({ "name": "Ada Lovelace", "email": "ada.lovelace@example.com", "password": PASSWORD, "roles": ["host"] });
    let (spent, answer) = cost(&world, world.api.post("/api/v1/auth/register", body).send()).await;
    answer.expect(201);
    within("register", spent, 4.0);
    let token = world.mailed_tokens("ada.lovelace@example.com").await.pop().unwrap();
    let (spent, answer) = cost(&world, world.api.get(&format!("/api/v1/auth/verify-email?token={token}")).send()).await;
    answer.expect(200);
    within("show a link", spent, 0.0);
    let (spent, answer) = cost(&world, world.verify(&token, PASSWORD)).await;
    answer.expect(200);
    within("activate, one role", spent, 10.0 + 2.0 + COUNTED);
    let (spent, answer) = cost(&world, world.login("ada.lovelace@example.com", "wrong wrong wrong")).await;
    answer.expect(401);
    within("login, wrong", spent, 1.0 + COUNTED);
    let (spent, answer) = cost(&world, world.login("ada.lovelace@example.com", PASSWORD)).await;
    within("login", spent, 4.0 + COUNTED);
    let access = answer.data()["accessToken"].as_str().unwrap().to_owned();
    let refresh = answer.data()["refreshToken"].as_str().unwrap().to_owned();
    let (spent, answer) = cost(&world, world.refresh(&refresh)).await;
    answer.expect(200);
    within("refresh", spent, 2.0 + COUNTED);
    assert_eq!(spent.calls, 3);
    let (spent, answer) = cost(&world, world.profile(&access)).await;
    answer.expect(200);
    within("profile", spent, 0.0);
    assert_eq!(spent.calls, 1);
    let change = world.api.patch("/api/v1/users/profile", json!({ "bio": "x".repeat(200) })).token(&access).send();
    let (spent, answer) = cost(&world, change).await;
    answer.expect(200);
    within("change profile", spent, 4.0 + COUNTED);
    staff_costs(&world, &access, &mut within).await;
    credential_costs(&world, &mut within).await;
    factor_costs(&world, &mut within).await;
    for email in ["ada.lovelace@example.com", "nobody@example.com"] {
        let (spent, answer) = cost(&world, world.ask_reset(email)).await;
        answer.expect(202);
        within("ask for a reset", spent, 1.0);
    }
    let made = cost(&world, world.make_key(&access, json!({ "name": "Report", "scopes": ["profile:read"] }))).await;
    within("make a key", made.0, 7.0 + COUNTED);
    assert_eq!(made.0.calls, 4);
    let key = made.1.expect(201);
    let (spent, _) = cost(&world, world.profile(key.data()["key"].as_str().unwrap())).await;
    within("a key's first request of the hour", spent, 1.0);
    assert_eq!(spent.calls, 2);
    let (spent, _) = cost(&world, world.profile(key.data()["key"].as_str().unwrap())).await;
    within("a key's next request", spent, 0.0);
    assert_eq!(spent.calls, 1);
    let path = "/api/v1/auth/api-keys";
    let (spent, answer) = cost(&world, world.api.get(path).token(&access).send()).await;
    answer.expect(200);
    within("list keys", spent, 0.0);
    assert_eq!(spent.calls, 3);
    let path = format!("{path}/{}", key.data()["id"].as_str().unwrap());
    let (spent, answer) = cost(&world, world.api.call(Method::DELETE, &path).token(&access).send()).await;
    answer.expect(200);
    within("revoke a key", spent, 7.0 + COUNTED);
    assert_eq!(spent.calls, 4);
    let logout = world.api.post("/api/v1/auth/logout", json!({})).token(&access).send();
    let (spent, answer) = cost(&world, logout).await;
    answer.expect(200);
    within("logout", spent, 4.0 + COUNTED);
    println!("{}", table.join("\n"));
}

#[tokio::test]
async fn a_second_factor_costs_three_round_trips_at_most() {
    let world = World::start().await;
    let ada = world.enrolled("ada@example.com").await;
    let (spent, half_way) = cost(&world, world.login("ada@example.com", PASSWORD)).await;
    println!("login, half way: {spent:?}");
    assert!(spent.writes <= 1.0 + COUNTED, "{spent:?}");
    let body = json!({ "mfaToken": half_way.data()["mfaToken"], "recoveryCode": ada.recovery[0] });
    let (spent, answer) = cost(&world, world.api.post("/api/v1/auth/login/mfa", body).send()).await;
    answer.expect(200);
    println!("login/mfa: {spent:?}");
    // Try, guess, code and session in one transaction, guesses forgiven, sign-in noted.
    assert!(spent.writes <= 8.0 + COUNTED, "{spent:?}");
}

/// Paths that lead to the handler of another one.
const ALIASES: [(&str, &str); 3] =
    [("/auth/me", "/users/profile"), ("/auth/profile", "/users/profile"), ("/auth/refresh-token", "/auth/refresh")];

#[test]
fn every_operation_has_its_cost_in_the_documents_table() {
    let data = include_str!("../../docs/DATA.md");
    let rows: Vec<Vec<&str>> = data
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .map(|first| first.split([' ', ',', ';']).collect())
        .collect();
    let document = document();
    let mut missing = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1") else { continue };
        let path = ALIASES.iter().find(|(alias, _)| *alias == path).map_or(path, |(_, of)| of);
        for method in methods.as_object().unwrap().iter().filter(|(_, operation)| operation["tags"][0] != "docs") {
            let method = method.0.to_uppercase();
            if !rows.iter().any(|row| row.contains(&path) && row.contains(&method.as_str())) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
