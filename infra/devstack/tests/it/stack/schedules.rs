use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::fixture::{Project, QUEUE, control};

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_schedule_runs_now_with_its_own_event_or_another() {
    let project = Project::new();
    let stack = project.start().await;
    let schedules = control(&stack, "/control/schedules").await;
    assert_eq!(schedules, json!([{ "name": "tidy", "expression": "rate(1 day)" }]));
    let run = format!("{}/control/schedules/tidy/run", stack.urls.control);
    let client = Client::new();
    let (status, ran) = answer(client.post(&run)).await;
    assert_eq!((status, &ran["data"]["event"]), (200, &json!("{\"jobs\":[\"all\"]}")), "{ran}");
    let (_, ran) = answer(client.post(&run).json(&json!({ "jobs": [] }))).await;
    assert_eq!(ran["data"]["event"], "{\"jobs\":[]}");
    let curl = client.post(&run).header("content-type", "application/x-www-form-urlencoded").body("{\"jobs\":[7]}");
    assert_eq!(answer(curl).await.1["data"]["event"], "{\"jobs\":[7]}");
    let (status, failed) = answer(client.post(&run).json(&json!({ "fail": "out of order" }))).await;
    assert_eq!((status, failed["message"].as_str().unwrap().contains("out of order")), (500, true), "{failed}");
    let (status, _) = answer(client.post(&run).body("{")).await;
    assert_eq!(status, 400);
    let (status, _) = answer(client.post(format!("{}/control/schedules/weekly/run", stack.urls.control))).await;
    assert_eq!(status, 404);
    let log = control(&stack, "/control/invocations").await;
    assert!(log.as_array().unwrap().iter().any(|entry| entry["trigger"] == "schedule tidy by hand"), "{log}");
    stack.shutdown().await;
}

#[tokio::test]
async fn a_run_is_answered_when_what_it_found_has_been_handled() {
    let project = Project::new();
    let stack = project.start().await;
    for n in 0..15 {
        stack.cloud().send(QUEUE, &format!("{{\"kind\":\"identity.good\",\"n\":{n}}}")).await.unwrap();
    }
    stack.cloud().send(QUEUE, "poison").await.unwrap();
    let run = format!("{}/control/schedules/tidy/run", stack.urls.control);
    let (_, ran) = answer(Client::new().post(&run)).await;
    assert_eq!(project.handled().len(), 15);
    assert_eq!(ran["data"]["failed"], 1, "{ran}");
    assert_eq!(ran["data"]["identity"], json!({ "found": 1, "failed": 0 }));
    assert_eq!(control(&stack, "/control/queues").await[0]["dlqDepth"], 1);
    let (_, ran) = answer(Client::new().post(&run)).await;
    assert_eq!(ran["data"]["failed"], 0, "those of before are no news");
    stack.shutdown().await;
}

#[tokio::test]
async fn functions_are_told_how_far_their_clock_is_ahead() {
    let project = Project::new();
    let stack = project.start().await;
    let url = |path: &str| format!("{}/control/{path}", stack.urls.control);
    let client = Client::new();
    let told = async || answer(client.post(url("schedules/tidy/run"))).await.1["data"]["clock"].clone();
    assert_eq!(told().await, Value::Null);
    let (status, set) = answer(client.post(url("clock")).json(&json!({ "offsetSeconds": -3600 }))).await;
    assert_eq!((status, &set["data"]), (200, &json!({ "offsetSeconds": -3600 })));
    assert_eq!(told().await, "-3600");
    assert_eq!(control(&stack, "/control/clock").await["offsetSeconds"], -3600);
    for wrong in [json!({}), json!({ "offsetSeconds": "soon" }), json!({ "offsetSeconds": 0.5 }), json!(7)] {
        assert_eq!(answer(client.post(url("clock")).json(&wrong)).await.0, 400, "{wrong}");
    }
    assert_eq!(told().await, "-3600", "nonsense changes nothing");
    answer(client.post(url("clock")).json(&json!({ "offsetSeconds": 0 }))).await;
    assert_eq!(told().await, Value::Null);
    answer(client.post(url("clock")).json(&json!({ "offsetSeconds": 60 }))).await;
    answer(client.post(url("reset"))).await;
    assert_eq!(told().await, Value::Null, "reset is a fresh start");
    stack.shutdown().await;
}
