//! The check finds what does not fit together, and nothing else.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use souk_admin::check::{Checked, DEAD_LETTERS, Ways};
use souk_admin::{AdminError, Souk, show};

use super::operator;
use crate::world::{Person, World};

const CORE: &str = "souk-local-core";

type Item = HashMap<String, AttributeValue>;

async fn check(souk: &Souk) -> Result<Checked, AdminError> {
    souk_admin::check::check(souk, &Ways::default()).await
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A world with something of each kind in it.
async fn populated() -> (World, Person) {
    let world = World::start().await;
    let body =
        json!({ "name": "Ada", "email": "ada@example.com", "password": crate::world::PASSWORD, "roles": ["host"] });
    world.api.post("/api/v1/auth/register", body).send().await.expect(201);
    let token = world.mailed_tokens("ada@example.com").await.pop().unwrap();
    world.verify(&token, crate::world::PASSWORD).await.expect(200);
    let ada = world.sign_in("ada@example.com").await;
    world.api.patch("/api/v1/users/profile", json!({ "username": "ada" })).token(&ada.access).send().await.expect(200);
    let key = json!({ "name": "Nightly report", "scopes": ["profile:read"] });
    world.make_key(&ada.access, key).await.expect(201);
    let endpoint = json!({ "url": "http://127.0.0.1:9/hook", "eventTypes": ["*"] });
    world.api.post("/api/v1/webhook-endpoints", endpoint).token(&ada.access).send().await.expect(201);
    world.register("waiting@example.com").await.expect(201);
    world.login("ada@example.com", "wrong wrong wrong").await.expect(401);
    (world, ada)
}

async fn item(world: &World, pk: &str, sk: &str) -> Item {
    world.sandbox.partition(pk).await.into_iter().find(|item| item["sk"] == text(sk)).unwrap()
}

async fn put(world: &World, item: Item) {
    world.sandbox.dynamodb().put_item().table_name(CORE).set_item(Some(item)).send().await.unwrap();
}

async fn delete(world: &World, pk: &str, sk: &str) {
    let call = world.sandbox.dynamodb().delete_item().table_name(CORE).key("pk", text(pk)).key("sk", text(sk));
    call.send().await.unwrap();
}

/// The names of the invariants that do not hold, each with the number of places.
fn broken(checked: &Checked) -> Vec<(&str, usize)> {
    let broken = checked.invariants.iter().filter(|invariant| !invariant.violations.is_empty());
    broken.map(|invariant| (invariant.name, invariant.violations.len())).collect()
}

#[tokio::test]
async fn a_populated_system_is_clean_and_the_check_writes_nothing() {
    let (world, _) = populated().await;
    world.sandbox.somebody().await;
    let before = (world.everything().await, world.sandbox.spent().writes);
    let checked = check(&operator(&world.sandbox)).await.unwrap();
    assert!(checked.is_clean(), "{}", show::checked(&checked));
    assert_eq!(checked.items, before.0.len() as u64);
    let unseen = checked.invariants.iter().filter(|invariant| invariant.checked == 0);
    let unseen: Vec<_> = unseen.map(|invariant| (invariant.name, invariant.skipped.is_some())).collect();
    let expected = [
        ("messages sent = done + dead + queued", true),
        // Nobody has one here, and nothing is old enough to have been told for sure.
        ("every second factor is what the trail says", false),
        ("every event that somebody is told of is one notice", false),
        ("staff see every entry of the trail", true),
        ("what clients were told is so", true),
    ];
    assert_eq!(unseen, expected);
    assert_eq!((world.everything().await, world.sandbox.spent().writes), before);
}

#[tokio::test]
async fn a_claim_without_its_account_is_found() {
    let (world, ada) = populated().await;
    let souk = operator(&world.sandbox);
    let own = item(&world, "UNIQ#EMAIL#ada@example.com", "HEAD").await;
    put(&world, own.into_iter().chain([("pk".into(), text("UNIQ#EMAIL#stray@example.com"))]).collect()).await;
    assert_eq!(broken(&check(&souk).await.unwrap()), [("every claimed address has its account", 1)]);
    delete(&world, "UNIQ#EMAIL#stray@example.com", "HEAD").await;

    let own = item(&world, "UNIQ#NAME#ada", "HEAD").await;
    put(&world, own.into_iter().chain([("pk".into(), text("UNIQ#NAME#stray"))]).collect()).await;
    assert_eq!(broken(&check(&souk).await.unwrap()), [("every claimed username has its account", 1)]);
    delete(&world, "UNIQ#NAME#stray", "HEAD").await;

    delete(&world, &format!("USR#{}", ada.user["id"].as_str().unwrap()), "HEAD").await;
    let checked = check(&souk).await.unwrap();
    let expected = [
        ("every claimed address has its account", 1),
        ("every claimed username has its account", 1),
        ("every item of a role belongs to a granted role", 1),
        ("nothing belongs to an account that is not there", 1),
        ("every session has its account", 1),
    ];
    assert_eq!(broken(&checked), expected);
    assert!(show::checked(&checked).contains("FAIL every session has its account"), "{}", show::checked(&checked));
}

#[tokio::test]
async fn an_account_without_its_claims_is_found() {
    let (world, _) = populated().await;
    delete(&world, "UNIQ#EMAIL#ada@example.com", "HEAD").await;
    delete(&world, "UNIQ#NAME#ada", "HEAD").await;
    let checked = check(&operator(&world.sandbox)).await.unwrap();
    let expected = [("every account has claimed its address", 1), ("every account with a username has claimed it", 1)];
    assert_eq!(broken(&checked), expected);
}

#[tokio::test]
async fn a_role_on_one_side_only_is_found() {
    let (world, ada) = populated().await;
    let souk = operator(&world.sandbox);
    let pk = format!("USR#{}", ada.user["id"].as_str().unwrap());
    let held = item(&world, &pk, "ROLE#host").await;
    put(
        &world,
        held.iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .chain([("sk".into(), text("ROLE#operator"))])
            .collect(),
    )
    .await;
    assert_eq!(broken(&check(&souk).await.unwrap()), [("every item of a role belongs to a granted role", 1)]);
    delete(&world, &pk, "ROLE#operator").await;
    delete(&world, &pk, "ROLE#host").await;
    assert_eq!(broken(&check(&souk).await.unwrap()), [("every granted role has its item", 1)]);
}

#[tokio::test]
async fn an_item_of_an_unknown_kind_or_schema_is_found() {
    let (world, ada) = populated().await;
    let souk = operator(&world.sandbox);
    let stray = |pk: &str, sk: &str| Item::from([("pk".into(), text(pk)), ("sk".into(), text(sk))]);
    let account = format!("USR#{}", ada.user["id"].as_str().unwrap());
    for (pk, sk) in [("WALRUS#1", "HEAD"), ("USR#nobody", "HEAD"), (&account, "WALRUS"), ("UNIQ#WALRUS#x", "HEAD")] {
        put(&world, stray(pk, sk)).await;
        let checked = check(&souk).await.unwrap();
        assert_eq!(broken(&checked)[0], ("every item is of a known kind and schema", 1), "{pk} {sk}");
        assert!(show::checked(&checked).contains(&format!("{pk} / {sk}: ")), "{}", show::checked(&checked));
        delete(&world, pk, sk).await;
    }
    let mut newer = item(&world, &account, "ROLE#host").await;
    newer.insert("v".into(), AttributeValue::N("9".into()));
    put(&world, newer).await;
    let checked = check(&souk).await.unwrap();
    assert!(broken(&checked).contains(&("every item is of a known kind and schema", 1)), "{checked:?}");
}

#[tokio::test]
async fn dead_letters_are_found() {
    let (world, _) = populated().await;
    world.sandbox.cloud.send("souk-local-mailer-dlq", "letter").await.unwrap();
    let checked = check(&operator(&world.sandbox)).await.unwrap();
    assert_eq!(broken(&checked), [(DEAD_LETTERS, 1)]);
    let bucket = "souk-local-events-dlq-000000000000";
    world.sandbox.cloud.put_object(bucket, "aws/lambda/x", b"{}".to_vec()).await.unwrap();
    assert_eq!(broken(&check(&operator(&world.sandbox)).await.unwrap()), [(DEAD_LETTERS, 2)]);
}

#[tokio::test]
async fn a_restored_table_is_checked_in_place_of_the_stages_own() {
    let (world, _) = populated().await;
    let souk = operator(&world.sandbox);
    let elsewhere = souk.with_core_table("souk-local-b-core");
    let error = check(&elsewhere).await.unwrap_err().to_string();
    assert!(error.contains("is the stage right"), "{error}");
}
