//! Requests that are sent again: the table of docs/API.md, under twins and under processes that die on the way.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use auth::Auth;
use entry::{Start, serve};
use futures::future::{join_all, poll_fn};
use serde_json::{Value, json};
use testkit::{Answer, Api, Call};

use crate::world::{Person, World};

const PATH: &str = "/api/v1/auth/api-keys";

fn wanted(name: &str) -> Value {
    json!({ "name": name, "scopes": ["profile:read"] })
}

fn create<'a>(api: &'a Api, person: &Person, key: &str, name: &str) -> Call<'a> {
    api.post(PATH, wanted(name)).token(&person.access).header("idempotency-key", key)
}

/// Names of the API keys that somebody has.
async fn names(world: &World, person: &Person) -> Vec<String> {
    let answer = world.api.get(PATH).token(&person.access).send().await.expect(200);
    let keys = answer.data()["apiKeys"].as_array().unwrap().iter();
    let mut names: Vec<String> = keys.map(|key| key["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_same_request_is_answered_byte_for_byte() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let first = create(&world.api, &ada, "order 1", "ci").send().await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    world.clock().set_offset_seconds(61);
    let again = create(&world.api, &ada, "order 1", "ci").send().await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.text, first.text);
    assert_eq!(names(&world, &ada).await, ["ci"]);
    // Another request under the same key is a mistake; the malformed one is told so.
    create(&world.api, &ada, "order 1", "other").send().await.expect_failure(422, "IDEMPOTENCY_MISMATCH");
    for key in ["", &"x".repeat(256), "ключ"] {
        let refused = create(&world.api, &ada, key, "ci").send().await.expect_failure(400, "VALIDATION_ERROR");
        assert_eq!(refused.json["details"][0]["field"], "Idempotency-Key");
    }
    assert_eq!(names(&world, &ada).await, ["ci"]);
    // The key that the answer holds is nowhere in clear.
    let secret = first.data()["key"].as_str().unwrap();
    assert!(world.everything().await.iter().all(|item| !item.contains(secret)));
    // A day later the key is free.
    world.clock().set_offset_seconds(86_400 + 120);
    let ada = world.sign_in("ada@example.com").await;
    create(&world.api, &ada, "order 1", "next day").send().await.expect(201);
    assert_eq!(names(&world, &ada).await, ["ci", "next day"]);
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    create(&world.api, &ada, "k", "").send().await.expect_failure(400, "VALIDATION_ERROR");
    create(&world.api, &ada, "k", "ci").send().await.expect(201);
    assert_eq!(names(&world, &ada).await, ["ci"]);
}

#[tokio::test]
async fn s4_idempotency_bound() {
    let world = World::start().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let hers = create(&world.api, &ada, "k", "ci").send().await.expect(201);
    let other = create(&world.api, &eve, "k", "ci").send().await.expect(201);
    assert_eq!(other.header("idempotent-replayed"), None);
    assert_ne!(other.data()["key"], hers.data()["key"]);
    assert_eq!((names(&world, &ada).await, names(&world, &eve).await), (vec!["ci".into()], vec!["ci".into()]));
}

#[tokio::test]
async fn twenty_twins_over_four_instances_do_it_once() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let instances = join_all((0..4).map(async |_| {
        let mut auth = Auth::start(&world.sandbox.environment("auth"), &world.sandbox.aws).await.unwrap();
        auth.app.clock = world.clock().clone();
        Api::new(vec![("/api/v1/auth", serve(auth::routes(), auth))])
    }))
    .await;
    for round in 0..3 {
        let (key, name) = (format!("twin {round}"), format!("ci {round}"));
        // One in ten says something else under the same key.
        let twins = (0..20).map(|n| {
            let said = if n % 10 == 9 { "altered" } else { &name };
            create(&instances[n % 4], &ada, &key, said).send()
        });
        let answers: Vec<Answer> = join_all(twins).await;
        let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(done.iter().all(|answer| answer.text == done[0].text), "{:?}", done.iter().map(|a| &a.text));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            let told = (answer.status.as_u16(), answer.json["code"].as_str().unwrap());
            assert!(
                [(409, "CONFLICT"), (422, "IDEMPOTENCY_MISMATCH"), (503, "SERVICE_UNAVAILABLE")].contains(&told),
                "{told:?}"
            );
        }
        assert_eq!(names(&world, &ada).await.len(), round + 1);
        world.clock().set_offset_seconds(61 * (i64::try_from(round).unwrap() + 1));
    }
}

/// Polls `future` at most `polls` times and drops it then, as a process dies.
async fn dies_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_process_that_dies_on_the_way_leaves_nothing_half_done() {
    let world = World::start().await;
    let ada = world.person("ada@example.com").await;
    let mut made = 0;
    for polls in 1.. {
        world.clock().set_offset_seconds(30 * i64::try_from(polls).unwrap());
        let key = format!("attempt {polls}");
        let answered = dies_after(polls, create(&world.api, &ada, &key, &key).send()).await;
        let retried = create(&world.api, &ada, &key, &key).send().await.expect(201);
        made += 1;
        assert_eq!(names(&world, &ada).await.len(), made, "after {polls} polls");
        if let Some(answer) = answered {
            assert_eq!(answer.text, retried.text);
            assert!(polls >= 3, "every call is a point to die at");
            break;
        }
        assert!(made < 20, "a request takes fewer polls than keys may live");
    }
}
