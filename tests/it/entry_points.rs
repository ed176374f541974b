//! What every function gets from `entry`: rights, panics that fail one thing only, headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Failure;
use entry::{
    About, Administrator, Answer, App, As, Nothing, Operator, Problem, Routes, Settings, Shown, Start, answer_messages,
    answer_schedule, answer_schedule_or_messages, serve,
};
use serde_json::{Value, json};
use testkit::Api;

use crate::world::World;

const ABOUT: About = About { summary: "", description: "", errors: &[] };
const DEMO_PASSWORD: &str = "Demo-Souk-2026!";

async fn for_operators(_: As<Operator>) -> Answer<Shown<Nothing>> {
    Ok(Shown::new("An operator", Nothing {}))
}

async fn for_administrators(_: As<Administrator>) -> Answer<Shown<Nothing>> {
    Ok(Shown::new("An administrator", Nothing {}))
}

async fn broken() -> Answer<Shown<Nothing>> {
    panic!("the cause is for the log alone")
}

fn routes() -> Routes<App> {
    Routes::under("/test")
        .get("/operators", ABOUT, for_operators)
        .get("/administrators", ABOUT, for_administrators)
        .get("/broken", ABOUT, broken)
}

async fn app(world: &World) -> App {
    App::start(&world.sandbox.environment("users"), &world.sandbox.aws).await.unwrap()
}

#[tokio::test]
async fn s1_forbidden_is_403() {
    let world = World::start().await;
    world.sandbox.somebody().await;
    let api = Api::new(vec![("/test", serve(routes(), app(&world).await))]);
    for (name, operators, administrators) in [("user", 403, 403), ("operator", 200, 403), ("admin", 200, 200)] {
        let signed_in = world.login(&format!("{name}@souk.dev"), DEMO_PASSWORD).await.expect(200);
        let token = signed_in.data()["accessToken"].as_str().unwrap();
        for (path, status) in [("/test/operators", operators), ("/test/administrators", administrators)] {
            let answer = api.get(path).token(token).send().await;
            match status {
                403 => answer.expect_failure(403, "AUTHORIZATION_FAILED"),
                _ => answer.expect(status),
            };
        }
    }
    api.get("/test/operators").send().await.expect_failure(401, "AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn a_panic_fails_one_request_and_tells_no_cause() {
    let world = World::start().await;
    let api = Api::new(vec![("/test", serve(routes(), app(&world).await))]);
    for _ in 0..2 {
        let answer = api.get("/test/broken").send().await.expect_failure(500, "INTERNAL_ERROR");
        assert!(!answer.text.contains("for the log alone"), "{}", answer.text);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    api.get("/test/operators").send().await.expect(401);
}

#[tokio::test]
async fn a_panic_fails_one_message_not_the_batch() {
    let world = World::start().await;
    let records = [1, 2, 3].map(|n| json!({ "messageId": format!("m{n}"), "body": n.to_string() }));
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let handle = async |_: App, n: u32| match n {
        2 => panic!("two"),
        _ => Ok::<(), Problem>(()),
    };
    let answer = answer_messages(&app(&world).await, event, handle).await;
    let failed: Vec<&str> = answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    assert_eq!(failed, ["m2"]);
}

#[tokio::test]
async fn a_schedule_answers_its_result_or_fails_its_invocation() {
    let app = app(&World::start().await).await;
    let found = answer_schedule(&app, async { Ok(json!({ "found": 3 })) }).await.unwrap();
    assert_eq!(found, json!({ "found": 3 }));
    let refused = answer_schedule::<_, ()>(&app, async { Err(Failure::not_found().into()) }).await.unwrap_err();
    assert_eq!(refused.to_string(), "There is no such resource");
    let panicked = answer_schedule::<_, ()>(&app, async { panic!("three") }).await.unwrap_err();
    assert_eq!(panicked.to_string(), "panic: three");
}

#[tokio::test]
async fn one_function_tells_the_event_of_a_schedule_from_messages() {
    let app = app(&World::start().await).await;
    let answer = async |event: Value| {
        let on_schedule =
            async |_: App, order: BTreeMap<String, u32>| Ok::<_, Problem>(json!({ "ran": order.get("n") }));
        let on_message = async |_: App, n: u32| match n {
            2 => Err(Failure::not_found().into()),
            _ => Ok(()),
        };
        answer_schedule_or_messages(&app, event, on_schedule, on_message).await.map_err(|error| error.to_string())
    };
    assert_eq!(answer(json!({})).await.unwrap(), json!({ "ran": null }));
    assert_eq!(answer(json!({ "n": 7 })).await.unwrap(), json!({ "ran": 7 }));
    assert!(answer(json!({ "n": "seven" })).await.unwrap_err().contains("invalid type"));
    let records = [1, 2].map(|n| json!({ "messageId": format!("m{n}"), "body": n.to_string() }));
    let failed = answer(json!({ "Records": records })).await.unwrap();
    assert_eq!(failed, json!({ "batchItemFailures": [{ "itemIdentifier": "m2" }] }));
}

#[tokio::test]
async fn outside_stage_local_browsers_are_told_to_stay_on_https() {
    let world = World::start().await;
    let local = app(&world).await;
    let settings = Settings { stage: "prod".to_owned(), ..(*local.settings).clone() };
    let api = Api::new(vec![("/test", serve(routes(), App { settings: Arc::new(settings), ..local }))]);
    let answer = api.get("/test/operators").send().await.expect(401);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
}
