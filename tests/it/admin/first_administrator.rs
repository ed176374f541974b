//! The first administrator: once, whoever asks and however often.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identity::{EmailAddress, Reason};
use souk_admin::first_administrator::make;
use souk_admin::{Souk, check};

use super::operator;
use crate::world::World;

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn reason() -> Reason {
    "the first deployment".parse().unwrap()
}

async fn refusal(souk: &Souk, email: &str) -> String {
    make(souk, &address(email), &reason()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn an_account_becomes_it_in_one_transaction_that_tells() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    let ada = world.person("ada@example.com").await;
    let before = world.sandbox.spent();
    let made = make(&souk, &address("Ada@Example.com"), &reason()).await.unwrap();
    assert_eq!(ada.user["id"], made.user_id.to_string());
    assert!((world.sandbox.spent() - before).writes <= 12.0);

    let told = world.events().await.into_iter().filter(|event| event.name == "user.role_granted");
    let told: Vec<_> = told.collect();
    assert_eq!((told.len(), &told[0].data["role"]), (1, &"administrator".into()));
    assert_eq!(told[0].data["reason"], "the first deployment");
    assert_eq!(told[0].subject_ids, [made.user_id]);
    let trail = world.sandbox.partition(&format!("AUD#{}", made.user_id)).await;
    let text = |name: &str| trail[0][name].as_s().unwrap().as_str();
    assert_eq!((trail.len(), text("action"), text("actorId")), (1, "user.roles_changed", "souk-admin"));
    assert_eq!((text("reason"), text("actorType")), ("the first deployment", "tool"));
    assert!(trail[0].contains_key("ttl") && text("g").starts_with("audit."));
    let again = world.sign_in("ada@example.com").await;
    assert!(again.user["roles"].as_array().unwrap().contains(&"administrator".into()), "{}", again.user);
    assert!(check::check(&souk, &check::Ways::default()).await.unwrap().is_clean());
}

#[tokio::test]
async fn there_is_one_first_administrator() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    world.person("ada@example.com").await;
    let grace = world.person("grace@example.com").await;
    make(&souk, &address("ada@example.com"), &reason()).await.unwrap();
    for email in ["ada@example.com", "grace@example.com"] {
        let refused = refusal(&souk, email).await;
        assert!(refused.contains("is administrator already"), "{refused}");
    }
    let profile = world.profile(&grace.access).await.expect(200);
    assert_eq!(profile.data()["roles"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn of_two_operators_at_once_one_succeeds() {
    let world = World::start().await;
    for email in ["ada@example.com", "grace@example.com", "mary@example.com"] {
        world.person(email).await;
    }
    let souk = operator(&world.sandbox);
    let emails = ["ada@example.com", "grace@example.com", "mary@example.com"];
    let tries = emails.map(|email| {
        let souk = souk.clone();
        async move { make(&souk, &address(email), &reason()).await }
    });
    let made = futures::future::join_all(tries).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1, "{made:?}");
    let told = world.events().await;
    assert_eq!(told.iter().filter(|event| event.name == "user.role_granted").count(), 1);
}

#[tokio::test]
async fn the_seeded_administrator_of_a_local_cloud_counts() {
    let world = World::start().await;
    world.sandbox.somebody().await;
    world.person("ada@example.com").await;
    let refused = refusal(&operator(&world.sandbox), "ada@example.com").await;
    assert!(refused.contains("is administrator already"), "{refused}");
}

#[tokio::test]
async fn who_has_no_account_or_may_not_sign_in_does_not_become_it() {
    let world = World::start().await;
    let souk = operator(&world.sandbox);
    world.register("waiting@example.com").await.expect(201);
    for email in ["nobody@example.com", "waiting@example.com"] {
        let refused = refusal(&souk, email).await;
        assert!(refused.contains("no account has the address"), "{refused}");
    }
    let ada = world.person("ada@example.com").await;
    let update = world.sandbox.dynamodb().update_item().table_name("souk-local-core");
    let update = update.key("pk", AttributeValue::S(format!("USR#{}", ada.user["id"].as_str().unwrap())));
    let update = update.key("sk", AttributeValue::S("HEAD".into()));
    let update = update.update_expression("SET #s = :d").expression_attribute_names("#s", "status");
    update.expression_attribute_values(":d", AttributeValue::S("disabled".into())).send().await.unwrap();
    let refused = refusal(&souk, "ada@example.com").await;
    assert!(refused.contains("disabled"), "{refused}");
}
