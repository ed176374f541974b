//! The checker sees from outside what is broken behind the functions' back, and nothing where nothing is.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use checker::journal::Answer::{Done, Refused, Unknown};
use checker::journal::{Answer, Deed, Journal};
use checker::{Invariant, Target};
use domain::identity::Role;
use serde_json::json;

use crate::world::{Person, World};

const CORE: &str = "souk-local-core";
const NOTICES: &str = "every event that somebody is told of is one notice";

type Item = HashMap<String, AttributeValue>;

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn target(world: &World) -> Target {
    Target::new(world.sandbox.aws.config().clone(), "local")
}

/// The names of what does not hold, each with the number of places.
fn broken(invariants: &[Invariant]) -> Vec<(&str, usize)> {
    let broken = invariants.iter().filter(|invariant| !invariant.holds());
    broken.map(|invariant| (invariant.name, invariant.violations.len())).collect()
}

async fn check(world: &World) -> Vec<(&'static str, usize)> {
    let found = checker::check(&target(world), &Journal::default()).await.unwrap();
    broken(&found)
        .into_iter()
        .map(|(name, count)| (found.iter().find(|one| one.name == name).unwrap().name, count))
        .collect()
}

async fn items(world: &World, pk: &str, sk_begins: &str) -> Vec<Item> {
    let items = world.sandbox.partition(pk).await.into_iter();
    items.filter(|item| item["sk"].as_s().unwrap().starts_with(sk_begins)).collect()
}

async fn put(world: &World, item: &Item) {
    world.sandbox.dynamodb().put_item().table_name(CORE).set_item(Some(item.clone())).send().await.unwrap();
}

async fn delete(world: &World, item: &Item) {
    let call = world.sandbox.dynamodb().delete_item().table_name(CORE);
    call.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
}

fn with(item: &Item, changes: &[(&str, AttributeValue)]) -> Item {
    let changes = changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    item.clone().into_iter().chain(changes).collect()
}

fn without(item: &Item, name: &str) -> Item {
    item.clone().into_iter().filter(|(known, _)| known != name).collect()
}

fn account_of(person: &Person) -> String {
    format!("USR#{}", person.id())
}

#[tokio::test]
async fn a_second_account_with_the_address_is_found() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    assert_eq!(check(&world).await, []);
    let account = items(&world, &account_of(&ada), "HEAD").await.remove(0);
    let twin = "usr_01h2xcejqtf2nbrexx3vqjhp41";
    put(&world, &with(&account, &[("pk", text(&format!("USR#{twin}"))), ("id", text(twin))])).await;
    let expected = [("every account has claimed its address", 1), ("no two accounts have one address", 2)];
    assert_eq!(check(&world).await, expected);
}

#[tokio::test]
async fn power_without_an_entry_of_the_trail_is_found() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    world.set_roles(&admin, &ada, &["operator"]).await.expect(200);
    assert_eq!(check(&world).await, []);
    let trail = items(&world, &format!("AUD#{}", ada.id()), "").await;
    delete(&world, &trail[0]).await;
    assert_eq!(check(&world).await, [("every role that carries power is explained by the trail", 1)]);
    put(&world, &trail[0]).await;

    world.set_status(&admin, &ada, "disabled").await.expect(200);
    assert_eq!(check(&world).await, []);
    let account = items(&world, &account_of(&ada), "HEAD").await.remove(0);
    put(&world, &with(&account, &[("status", text("active"))])).await;
    assert_eq!(check(&world).await, [("every account's status is what the trail says", 1)]);
    put(&world, &with(&account, &[("mfaEnabledAt", text("2026-11-20T10:00:00.000Z"))])).await;
    assert_eq!(check(&world).await, [("every second factor is what the trail says", 1)]);
}

#[tokio::test]
async fn a_key_whose_making_is_told_not_once_is_found() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    world.key(&ada.access, &["profile:read"]).await;
    assert_eq!(check(&world).await, []);
    let entry = items(&world, &format!("AUD#{}", ada.id()), "").await.remove(0);
    put(&world, &with(&entry, &[("sk", text("aud_7zzzzzzzzzzzzzzzzzzzzzzzzz"))])).await;
    let name = "every API key has one entry of its making";
    assert_eq!(check(&world).await, [(name, 1)]);
    delete(&world, &with(&entry, &[("sk", text("aud_7zzzzzzzzzzzzzzzzzzzzzzzzz"))])).await;
    delete(&world, &entry).await;
    assert_eq!(check(&world).await, [(name, 1)]);
}

#[tokio::test]
async fn a_session_that_is_no_chain_is_found() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    world.refresh(&ada.refresh).await.expect(200);
    assert_eq!(check(&world).await, []);
    let session = items(&world, &account_of(&ada), "SES#").await.remove(0);
    let name = "every session is one chain of refreshes";
    for broken in [
        without(&session, "generation"),
        with(
            &session,
            &[("generation", AttributeValue::N("0".into())), ("lastUsedAt", text("2031-01-01T00:00:00.000Z"))],
        ),
        with(&session, &[("user", text("usr_01h2xcejqtf2nbrexx3vqjhp41"))]),
        without(&session, "lastUsedAt"),
    ] {
        put(&world, &broken).await;
        assert_eq!(check(&world).await, [(name, 1)], "{broken:?}");
    }
}

#[tokio::test]
async fn what_belongs_to_nobody_and_wrong_counts_are_found() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let body = json!({ "url": "http://127.0.0.1:9/hook", "eventTypes": ["*"] });
    world.api.post("/api/v1/webhook-endpoints", body).token(&ada.access).send().await.expect(201);
    assert_eq!(check(&world).await, []);
    let endpoint = items(&world, &account_of(&ada), "WHE#").await.remove(0);
    delete(&world, &endpoint).await;
    assert_eq!(check(&world).await, [("everybody's webhook endpoints are counted right", 1)]);
    put(&world, &endpoint).await;
    let stray = with(&endpoint, &[("pk", text("USR#usr_01h2xcejqtf2nbrexx3vqjhp41"))]);
    put(&world, &stray).await;
    let expected = [
        ("nothing belongs to an account that is not there", 1),
        ("everybody's webhook endpoints are counted right", 1),
    ];
    assert_eq!(check(&world).await, expected);
    delete(&world, &stray).await;
    put(&world, &with(&endpoint, &[("out", AttributeValue::B(Blob::new("walrus")))])).await;
    assert_eq!(check(&world).await, [("every event can be read", 1)]);
}

#[tokio::test]
async fn of_a_system_at_rest_each_event_is_one_notice() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let at_rest = async || {
        let found = checker::check(&target(&world).at_rest(), &Journal::default()).await.unwrap();
        broken(&found).into_iter().map(|(name, count)| (name == NOTICES, count)).collect::<Vec<_>>()
    };
    // Nobody reads the stream in this world.
    assert_eq!(at_rest().await, [(true, 1)]);
    assert_eq!(check(&world).await, [], "what is young is not judged while the system works");
    let event = world.events().await.into_iter().find(|event| event.name == "user.registered").unwrap();
    let time = event.id.to_string()[4..14].to_owned();
    let notice = |last: char| {
        let sk = format!("NTF#ntf_{time}{}{last}", "0".repeat(15));
        Item::from([
            ("pk".to_owned(), text(&account_of(&ada))),
            ("sk".to_owned(), text(&sk)),
            ("type".to_owned(), text("user.registered")),
        ])
    };
    put(&world, &notice('1')).await;
    assert_eq!(at_rest().await, []);
    delete(&world, &notice('1')).await;
    put(&world, &without(&notice('2'), "type")).await;
    assert_eq!(at_rest().await, [], "a notice that its person deleted has been there");
}

async fn told(world: &World, deed: &Deed, answers: &[&[Answer]]) -> Vec<String> {
    let mut journal = Journal::default();
    answers.iter().for_each(|answers| journal.add(deed.clone(), *answers));
    let found = checker::check(&target(world), &journal).await.unwrap();
    found.into_iter().flat_map(|invariant| invariant.violations).collect()
}

#[tokio::test]
async fn what_clients_were_told_is_compared_with_what_there_is() {
    let world = World::start().await;
    let admin = world.staff("admin@example.com", &[Role::Administrator]).await;
    let ada = world.person("ada@example.com").await;
    world.set_roles(&admin, &ada, &["operator"]).await.expect(200);
    let registered = |email: &str| Deed::Registered { email: email.to_owned() };
    let granted = |role: &str| Deed::RoleGranted { user: ada.id().to_owned(), role: role.to_owned() };
    let audited = Deed::Audited { action: "user.roles_changed".to_owned(), target: ada.id().to_owned() };
    let session = Deed::ItemsMade { pk: account_of(&ada), sk_begins: "SES#".to_owned() };
    for there in [registered("ADA@example.com"), granted("operator"), audited.clone(), session] {
        for answers in [&[Done][..], &[Unknown, Done], &[Unknown], &[Unknown, Refused]] {
            assert_eq!(told(&world, &there, &[answers]).await, [""; 0], "{there:?} {answers:?}");
        }
        assert!(!told(&world, &there, &[&[Refused]]).await.is_empty(), "{there:?}");
    }
    for absent in [registered("eve@example.com"), granted("provider")] {
        for answers in [&[Refused][..], &[Unknown]] {
            assert_eq!(told(&world, &absent, &[answers]).await, [""; 0], "{absent:?} {answers:?}");
        }
        assert!(!told(&world, &absent, &[&[Done]]).await.is_empty(), "{absent:?}");
        assert!(!told(&world, &absent, &[&[Unknown, Done]]).await.is_empty(), "{absent:?}");
    }
    // Two callers were both told that they made it, and one is there.
    let twice = told(&world, &registered("ada@example.com"), &[&[Done], &[Done]]).await;
    assert_eq!(twice, ["ada@example.com: told 2 times, found 1"]);
    assert_eq!(told(&world, &granted("operator"), &[&[Done], &[Done]]).await, [""; 0], "it is held already");
    let entry = items(&world, &format!("AUD#{}", ada.id()), "").await.remove(0);
    put(&world, &with(&entry, &[("sk", text("aud_7zzzzzzzzzzzzzzzzzzzzzzzzz"))])).await;
    assert_eq!(told(&world, &audited, &[&[Done]]).await.len(), 1, "audited twice");
}

#[tokio::test]
async fn what_there_is_no_way_to_see_is_skipped_and_says_why() {
    let world = World::start().await;
    let mut journal = Journal::default();
    journal.add(Deed::ApiKeyMade { token: "t".into(), name: "Report".into() }, [Done]);
    let found = checker::check(&target(&world), &journal).await.unwrap();
    let skipped = found.iter().filter(|invariant| invariant.skipped.is_some());
    let names: Vec<&str> = skipped.map(|invariant| invariant.name).collect();
    let expected = [
        "messages sent = done + dead + queued",
        "staff see every entry of the trail",
        "each API key that callers were told of is there once",
    ];
    assert_eq!(names, expected);
    assert!(checker::check(&Target::new(world.sandbox.aws.config().clone(), "walrus"), &journal).await.is_err());
}
