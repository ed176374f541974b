use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use futures::future::join_all;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use runtime::{FunctionSpec, MAX_PAYLOAD_BYTES, Runtime};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fixture::{ask, eventually, noisy_plane, plane_of, probe};

/// The Invoke API of a plane, and how to ask a function of it.
struct Api(String);

impl Api {
    async fn of(plane: &Runtime) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plane = plane.clone();
        tokio::spawn(async move { plane.serve_invoke_api(listener).await.unwrap() });
        Api(format!("http://{address}"))
    }

    fn post(&self, function: &str, event: Value) -> RequestBuilder {
        Client::new().post(format!("{}/2015-03-31/functions/{function}/invocations", self.0)).body(event.to_string())
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn request_and_response() {
    let plane = plane_of(probe()).await;
    let api = Api::of(&plane).await;
    for name in ["probe", "probe:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:probe"] {
        let response = api.post(name, json!({ "do": "echo", "value": [1, "ü"] })).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "x-amz-executed-version"), "$LATEST");
        assert_eq!(header(&response, "x-amz-function-error"), "");
        assert_eq!(header(&response, "x-amzn-requestid").len(), 36);
        assert_eq!(response.json::<Value>().await.unwrap()["answer"], json!([1, "ü"]));
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn the_context_and_the_trace_pass() {
    let plane = plane_of(probe()).await;
    let api = Api::of(&plane).await;
    let context = BASE64_STANDARD.encode(json!({ "custom": { "clockOffsetSeconds": "-60" } }).to_string());
    let ask = |context: &str| api.post("probe", json!({ "do": "context" })).header("x-amz-client-context", context);
    let response = ask(&context).header("x-amzn-trace-id", "Root=1-abc").send().await.unwrap();
    let seen = response.json::<Value>().await.unwrap();
    assert_eq!(seen["answer"]["custom"]["clockOffsetSeconds"], "-60");
    assert_eq!(seen["answer"]["traceId"], "Root=1-abc");
    for wrong in ["%%%", "eyJ", &"A".repeat(4_000)] {
        assert_eq!(ask(wrong).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn failures_of_the_function_are_answers_with_a_mark() {
    let plane = plane_of(FunctionSpec { timeout: Duration::from_secs(1), ..probe() }).await;
    let api = Api::of(&plane).await;
    for (event, kind, message) in [
        (json!({ "do": "fail", "message": "sold out" }), "", "sold out"),
        (json!({ "do": "exit", "code": 1 }), "Runtime.ExitError", "exit status: 1"),
        (json!({ "do": "sleep", "ms": 60_000 }), "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    ] {
        let response = api.post("probe", event).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "x-amz-function-error"), "Unhandled");
        let error = response.json::<Value>().await.unwrap();
        assert!(error["errorType"].as_str().unwrap().contains(kind), "{error}");
        assert!(error["errorMessage"].as_str().unwrap().contains(message), "{error}");
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn refusals_carry_the_names_that_sdks_know() {
    let plane = plane_of(probe()).await;
    plane.register(FunctionSpec { name: "busy".to_owned(), max_instances: 0, ..probe() });
    let api = Api::of(&plane).await;
    let large = json!("x".repeat(MAX_PAYLOAD_BYTES));
    for (request, status, kind) in [
        (api.post("nobody", json!({})), 404, "ResourceNotFoundException"),
        (api.post("busy", json!({})), 429, "TooManyRequestsException"),
        (api.post("probe", large.clone()), 413, "RequestTooLargeException"),
        (api.post("probe", large).header("x-amz-invocation-type", "Event"), 413, "RequestTooLargeException"),
        (api.post("probe", json!({})).body("{"), 400, "InvalidRequestContentException"),
        (api.post("probe", json!({})).header("x-amz-invocation-type", "Later"), 400, "InvalidParameterValueException"),
        (api.post("probe", json!({})).header("origin", "http://evil.example"), 403, "AccessDeniedException"),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "x-amzn-errortype")), (status, kind));
        assert!(response.json::<Value>().await.unwrap()["message"].is_string());
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn events_are_accepted_and_done_later() {
    let (plane, lines) = noisy_plane().await;
    let api = Api::of(&plane).await;
    let event = json!({ "do": "say", "out": "done", "err": "" });
    let response = api.post("probe", event).header("x-amz-invocation-type", "Event").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert!(response.bytes().await.unwrap().is_empty());
    eventually("the event is done", || lines.lock().unwrap().iter().any(|line| line == "probe: done")).await;
    plane.shutdown().await;
}

#[tokio::test]
async fn a_dry_run_starts_nothing() {
    let plane = plane_of(probe()).await;
    let api = Api::of(&plane).await;
    for (name, status) in [("probe", StatusCode::NO_CONTENT), ("nobody", StatusCode::NOT_FOUND)] {
        let request = api.post(name, json!({})).header("x-amz-invocation-type", "DryRun");
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    assert!(plane.pids().is_empty());
    plane.shutdown().await;
}

#[tokio::test]
async fn three_hundred_http_requests_at_once_are_all_answered() {
    let plane = plane_of(probe()).await;
    let api = Api::of(&plane).await;
    let asked = (0..300).map(|number| api.post("probe", json!({ "do": "echo", "value": number })).send());
    for response in join_all(asked).await {
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn it_ends_with_the_plane_and_serves_this_machine_only() {
    let plane = plane_of(probe()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serving = plane.serve_invoke_api(listener);
    let ending = async {
        ask(&plane, json!({ "do": "context" })).await.unwrap();
        plane.shutdown().await;
    };
    let (served, ()) = tokio::join!(serving, ending);
    served.unwrap();

    let open_to_all = TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(plane.serve_invoke_api(open_to_all).await.is_err());
}
