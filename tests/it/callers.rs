//! How functions know their callers: `auth` and `users` look each time, the others at most once a minute.

use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::Method;
use entry::area::{Compute, Profile};
use entry::{About, Answer, App, As, Caller, Nothing, Operator, Routes, Shown, SignedIn, Start, serve};
use serde_json::json;
use testkit::Api;

use crate::world::{Person, World};

const ABOUT: About = About { summary: "", description: "", errors: &[] };

async fn show(caller: Caller<Compute>) -> Answer<Shown<Vec<String>>> {
    Ok(Shown::new("Your roles", caller.roles.iter().map(ToString::to_string).collect()))
}

async fn operators_only(_: As<Operator>) -> Answer<Shown<Nothing>> {
    Ok(Shown::new("An operator", Nothing {}))
}

/// A function that is neither `auth` nor `users`.
async fn elsewhere(world: &World) -> Api {
    let mut app = App::start(&world.sandbox.environment("users"), &world.sandbox.aws).await.unwrap();
    app.clock = world.sandbox.clock.clone();
    let routes = Routes::under("/test").get("/roles", ABOUT, show).get("/operators", ABOUT, operators_only);
    Api::new(vec![("/test", serve(routes, app))])
}

impl World {
    /// Sets one attribute of an account, as staff would.
    pub async fn set(&self, person: &Person, name: &str, value: AttributeValue) {
        let update = self.sandbox.dynamodb().update_item().table_name("souk-local-core");
        let update = update.key("pk", AttributeValue::S(format!("USR#{}", person.user["id"].as_str().unwrap())));
        let update = update.key("sk", AttributeValue::S("HEAD".to_owned()));
        let update = update.update_expression("SET #name = :value").expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.unwrap();
    }
}

fn roles(names: &[&str]) -> AttributeValue {
    AttributeValue::L(names.iter().map(|name| AttributeValue::S((*name).to_owned())).collect())
}

#[tokio::test]
async fn a_revoked_session_ends_at_once_here_and_within_a_minute_elsewhere() {
    let world = World::start().await;
    let elsewhere = elsewhere(&world).await;
    let person = world.person("ada@example.com").await;
    let call = || elsewhere.get("/test/roles").token(&person.access).send();
    call().await.expect(200);
    world.api.post("/api/v1/auth/logout", json!({})).token(&person.access).send().await.expect(200);
    world.profile(&person.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    call().await.expect(200);
    world.clock().set_offset_seconds(60);
    call().await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn a_disabled_account_ends_at_once_here_and_within_a_minute_elsewhere() {
    let world = World::start().await;
    let elsewhere = elsewhere(&world).await;
    let person = world.person("ada@example.com").await;
    let call = || elsewhere.get("/test/roles").token(&person.access).send();
    call().await.expect(200);
    world.set(&person, "status", AttributeValue::S("disabled".to_owned())).await;
    world.profile(&person.access).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.clock().set_offset_seconds(60);
    call().await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn a_role_gained_works_with_the_next_token_and_a_role_lost_no_longer_than_a_minute() {
    let world = World::start().await;
    let elsewhere = elsewhere(&world).await;
    let person = world.person("ada@example.com").await;
    let call = async |access: &str| elsewhere.get("/test/roles").token(access).send().await.expect(200).data().clone();
    assert_eq!(call(&person.access).await, json!(["user"]));
    world.set(&person, "granted", roles(&["host"])).await;
    assert_eq!(call(&person.access).await, json!(["user"]), "the token does not say so yet");
    world.clock().set_offset_seconds(2);
    let next = world.refresh(&person.refresh).await.expect(200);
    let next = next.data()["accessToken"].as_str().unwrap();
    assert_eq!(call(next).await, json!(["user", "host"]));
    world.set(&person, "granted", roles(&[])).await;
    world.clock().set_offset_seconds(63);
    assert_eq!(call(next).await, json!(["user"]));
}

#[tokio::test]
async fn elsewhere_a_session_costs_one_call_a_minute() {
    let world = World::start().await;
    let elsewhere = elsewhere(&world).await;
    let person = world.person("ada@example.com").await;
    world.clock().set_offset_seconds(5);
    let before = world.sandbox.spent();
    for _ in 0..20 {
        elsewhere.get("/test/roles").token(&person.access).send().await.expect(200);
    }
    let spent = world.sandbox.spent() - before;
    // One look at the session, and one lease of reads after the five that are free.
    assert_eq!((spent.calls, spent.reads, spent.writes), (2, 1.0, 1.0), "{spent:?}");
}

#[tokio::test]
async fn elsewhere_a_key_costs_one_call_a_minute_and_ends_within_it() {
    let world = World::start().await;
    let elsewhere = elsewhere(&world).await;
    let person = world.person("ada@example.com").await;
    world.set(&person, "granted", roles(&["host"])).await;
    let key = world.key(&person.access, &["compute:read"]).await;
    let call = || elsewhere.get("/test/roles").token(&key.text).send();
    assert_eq!(call().await.expect(200).data(), &json!(["user", "host"]), "the owner's roles of the moment");
    let before = world.sandbox.spent();
    for _ in 0..3 {
        call().await.expect(200);
    }
    assert_eq!((world.sandbox.spent() - before).calls, 0);
    // What is remembered of a key opens nothing for whoever does not have it.
    let (guessed, _) =
        entry::api_key::make(person.user["id"].as_str().unwrap().parse().unwrap(), key.id.parse().unwrap());
    elsewhere.get("/test/roles").token(&guessed).send().await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.set(&person, "granted", roles(&[])).await;
    world.clock().set_offset_seconds(60);
    assert_eq!(call().await.expect(200).data(), &json!(["user"]));
    let path = format!("/api/v1/auth/api-keys/{}", key.id);
    world.api.call(Method::DELETE, &path).token(&person.access).send().await.expect(200);
    call().await.expect(200);
    world.clock().set_offset_seconds(120);
    call().await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn staffs_area_opens_for_a_key_while_its_owner_is_an_administrator() {
    let world = World::start().await;
    let elsewhere = elsewhere(&world).await;
    let person = world.person("ada@example.com").await;
    world.set(&person, "granted", roles(&["administrator"])).await;
    let person = world.sign_in("ada@example.com").await;
    let key = world.key(&person.access, &["admin:read"]).await;
    let other = world.key(&person.access, &["compute:write", "profile:write"]).await;
    let call = async |key: &str| elsewhere.get("/test/operators").token(key).send().await;
    call(&key.text).await.expect(200);
    call(&other.text).await.expect_failure(403, "INSUFFICIENT_SCOPE");
    world.set(&person, "granted", roles(&["operator"])).await;
    world.clock().set_offset_seconds(60);
    call(&key.text).await.expect_failure(403, "INSUFFICIENT_SCOPE");
    call(&person.access).await.expect_failure(403, "AUTHORIZATION_FAILED");
}

async fn person_only(_: SignedIn) -> Answer<Shown<Nothing>> {
    Ok(Shown::new("A person", Nothing {}))
}

async fn own_profile(_: Caller<Profile>) -> Answer<Shown<Nothing>> {
    Ok(Shown::new("Somebody", Nothing {}))
}

#[test]
fn the_document_says_what_a_key_needs() {
    let routes: Routes<App> = Routes::under("/test")
        .get("/session", ABOUT, person_only)
        .get("/profile", ABOUT, own_profile)
        .patch("/profile", ABOUT, own_profile);
    let document = entry::openapi::document("1", vec![entry::openapi::Part::new("test", routes)]);
    let paths = &document["paths"];
    assert_eq!(paths["/test/profile"]["get"]["x-scope"], "profile:read");
    assert_eq!(paths["/test/profile"]["patch"]["x-scope"], "profile:write");
    assert_eq!(paths["/test/profile"]["get"]["responses"]["403"]["description"], "INSUFFICIENT_SCOPE");
    assert!(paths["/test/session"]["get"].get("x-scope").is_none());
    assert_eq!(paths["/test/session"]["get"]["responses"]["403"]["description"], "SESSION_REQUIRED");
}
