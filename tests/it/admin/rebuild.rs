//! Views that have gone wrong are made anew, and right ones stay as they are.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identity::people::SearchTerm;
use domain::{Id, id};
use entry::keys::random;
use souk_admin::rebuild::people;
use souk_admin::{Souk, cli};
use store::identity::Thoroughness;

use super::operator;
use crate::projector::forget_account;
use crate::world::World;

const CORE: &str = "souk-local-core";

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn remove(world: &World, pk: &str, sk: &str) {
    let delete = world.sandbox.dynamodb().delete_item().table_name(CORE);
    delete.key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
}

/// What finds and counts people, as people see it.
async fn shown(souk: &Souk) -> (Vec<usize>, serde_json::Value) {
    let mut found = Vec::new();
    for term in ["ada", "lovelace", "p0@", "p1@", "p2@", "stray"] {
        let term: SearchTerm = term.parse().unwrap();
        found.push(souk.store.search_people(&term).await.unwrap().ids.len());
    }
    let stats = souk.store.people_stats(souk.clock.now()).await.unwrap();
    let mut stats = serde_json::to_value(stats).unwrap();
    stats["asOf"] = serde_json::Value::Null;
    (found, stats)
}

#[tokio::test]
async fn views_are_made_anew_whatever_has_become_of_them() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let mut users: Vec<Id<id::User>> = Vec::new();
    for n in 0..3 {
        let person = world.person(&format!("p{n}@example.com")).await;
        users.push(person.user["id"].as_str().unwrap().parse().unwrap());
    }
    // From nothing at all.
    let first = people(&souk).await.unwrap();
    assert_eq!((first.people, first.gone, first.stray_words, first.is_complete), (3, 0, 0, true));
    let right = shown(&souk).await;
    assert_eq!((right.0.as_slice(), &right.1["total"]), (&[3, 3, 1, 1, 1, 0][..], &serde_json::json!(3)));
    let again = people(&souk).await.unwrap();
    assert_eq!((again.stray_words, again.wrong_counters), (0, 0));
    assert_eq!(shown(&souk).await, right);

    // A word is lost, one is there that nobody has, a record is lost, so is an account; and somebody miscounted.
    remove(&world, "PPL#ad", &format!("ada#{}", users[0])).await;
    let stray = format!("stray#{}", users[0]);
    let put = world.sandbox.dynamodb().put_item().table_name(CORE).item("pk", text("PPL#st")).item("sk", text(&stray));
    put.item("v", AttributeValue::N("1".into())).send().await.unwrap();
    remove(&world, &format!("VIEW#{}", users[1]), "HEAD").await;
    forget_account(&world.sandbox, users[2]).await;
    let wrong = people(&souk).await.unwrap();
    assert_eq!((wrong.people, wrong.gone, wrong.stray_words, wrong.is_complete), (2, 1, 1, true), "{wrong:?}");
    assert!(wrong.wrong_counters >= 1, "the lost record was counted twice: {wrong:?}");
    let mended = shown(&souk).await;
    assert_eq!(mended.0, [2, 2, 1, 1, 0, 0]);
    assert_eq!((&mended.1["total"], &mended.1["registeredToday"]), (&serde_json::json!(2), &serde_json::json!(2)));
    assert_eq!(people(&souk).await.unwrap().wrong_counters, 0);
}

#[tokio::test]
async fn counters_that_move_meanwhile_are_not_overwritten() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let person = world.person("p0@example.com").await;
    let user: Id<id::User> = person.user["id"].as_str().unwrap().parse().unwrap();
    souk.store.project_person(user, Thoroughness::Changes).await.unwrap();
    let known = souk.store.admin_counters().await.unwrap();
    let (place, counted) = known.first_key_value().unwrap();
    // Somebody counts between the reading and the setting.
    forget_account(&world.sandbox, user).await;
    souk.store.project_person(user, Thoroughness::Changes).await.unwrap();
    assert!(!souk.store.admin_set_counters(place, Some(counted), &counted.counters).await.unwrap());
    let now = souk.store.admin_counters().await.unwrap();
    assert_eq!(now[place].counters["all"], 0);
    assert!(souk.store.admin_set_counters(place, now.get(place), &counted.counters).await.unwrap());
    let nobody: Id<id::User> = Id::new(world.clock().now(), random());
    souk.store.project_person(nobody, Thoroughness::Anew).await.unwrap();
    assert!(cli::HELP.contains("rebuild people"));
}
