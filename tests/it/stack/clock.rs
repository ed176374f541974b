//! Who invokes a function may tell it the time on a developer's machine, and nowhere else.

use domain::Time;
use entry::Clock;
use serde_json::{Value, json};
use testkit::Sandbox;

use super::events::{Running, sample};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// How far ahead of this machine's clock a function is, in whole days.
async fn days_ahead(function: &Running, context: Option<Value>) -> i64 {
    let now = Clock::default().now().millis();
    let answer = function.invoke_in(&sample("docs"), context).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let told: Time = body["timestamp"].as_str().unwrap().parse().unwrap();
    (told.millis() - now + DAY_MILLIS / 2).div_euclid(DAY_MILLIS)
}

fn ahead(days: i64) -> Option<Value> {
    Some(json!({ "custom": { "clockOffsetSeconds": (days * DAY_MILLIS / 1000).to_string() } }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_stage_local_heeds_the_client_context() {
    let sandbox = Sandbox::start().await;
    for (stage, expected) in [("local", [3, -2, 0, 0]), ("prod", [0, 0, 0, 0]), ("locals", [0, 0, 0, 0])] {
        let function = Running::start(&sandbox, "docs", |environment| {
            environment.retain(|(name, _)| name != "STAGE");
            environment.push(("STAGE".to_owned(), stage.to_owned()));
        })
        .await;
        let nonsense = Some(json!({ "custom": { "clockOffsetSeconds": "soon" } }));
        let mut told = Vec::new();
        for context in [ahead(3), ahead(-2), nonsense, None] {
            told.push(days_ahead(&function, context).await);
        }
        assert_eq!(told, expected, "{stage}");
        function.end().await;
    }
}
