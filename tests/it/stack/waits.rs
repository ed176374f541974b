//! What waits and what follows, with the real binaries: views within moments, sweeps by hand, the clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::Time;
use serde_json::{Value, json};

use super::local::Local;
use super::visitor::Visitor;
use super::waiting::until;

const DEMO_PASSWORD: &str = "Demo-Souk-2026!";
/// The promise is two seconds; a busy machine may take longer.
const VIEW_LIMIT: Duration = Duration::from_secs(20);

async fn post(visitor: &Visitor, path: &str, body: Value) -> Value {
    let response = visitor.client.post(format!("{}{path}", visitor.control)).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let answer: Value = response.json().await.unwrap();
    answer["data"].clone()
}

/// Moves the clock of functions and sees that they have moved.
async fn the_clock_moves(visitor: &Visitor) {
    let now = async || visitor.get("/").await.json["timestamp"].as_str().unwrap().parse::<Time>().unwrap();
    let before = now().await;
    post(visitor, "/control/clock", json!({ "offsetSeconds": 7200 })).await;
    let ahead = now().await.millis_since(before) / 1000;
    assert!((7200..7500).contains(&ahead), "{ahead}");
    post(visitor, "/control/clock", json!({ "offsetSeconds": 0 })).await;
    assert!(now().await.millis_since(before) < 3_600_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_follow_and_sweeps_run_by_hand_at_any_time() {
    let local = Local::start_with(|options| {
        options.seed = Some(Arc::new(|environment| Box::pin(devstack::seed::seed(environment))));
    })
    .await;
    let visitor = &local.visitor;
    let operator = visitor.sign_in("operator@souk.dev", DEMO_PASSWORD).await;
    let total = async || {
        let request = visitor.client.get(format!("{}/api/v1/users/stats", visitor.api));
        let answer: Value = request.bearer_auth(&operator.access).send().await.unwrap().json().await.unwrap();
        answer["data"]["total"].as_i64().unwrap_or(-1)
    };
    until("the demo accounts are counted", VIEW_LIMIT, async || (total().await == 10).then_some(())).await;
    visitor.join("ada@example.com").await;
    let begun = Instant::now();
    until("a registration is counted", VIEW_LIMIT, async || (total().await == 11).then_some(())).await;
    println!("counted {:?} after the first sign-in", begun.elapsed());

    let swept = post(visitor, "/control/schedules/sweeper/run", json!({ "jobs": ["identity"] })).await;
    assert_eq!(swept["failed"], 0, "{swept}");
    assert!(swept["identity"]["found"].is_u64() && swept.get("energy").is_none(), "{swept}");
    the_clock_moves(visitor).await;
    // Functions behind queues and schedules are told the time, too.
    post(visitor, "/control/clock", json!({ "offsetSeconds": 7200 })).await;
    let swept = post(visitor, "/control/schedules/sweeper/run", json!({})).await;
    assert_eq!((&swept["failed"], &swept["moreDue"]), (&json!(0), &json!(false)), "{swept}");
    local.end().await;
}
