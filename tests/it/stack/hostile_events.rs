//! Events as no gateway would send them, straight into the real binary: the front door puts right what clients say of the
//! connection, so nothing of this gets through it, and the function must not rely on that.

use serde_json::{Value, json};
use testkit::Sandbox;

use super::events::{Running, sample};

/// Of what may stand in a header at all.
const NONSENSE: [&str; 8] = ["a b c", "[::1", "://", ":99999", "\u{fffd}", "", "/../", "%zz"];

/// The sample with one field of its own making.
fn with(pointer: &[&str], value: Value) -> Value {
    let mut event = sample("users");
    let mut place = &mut event;
    for name in pointer {
        place = &mut place[*name];
    }
    *place = value;
    event
}

fn nonsense() -> Vec<Value> {
    let header = |name: &'static str| NONSENSE.map(|text| with(&["headers", name], json!(text)));
    let mut events: Vec<Value> = Vec::new();
    for name in ["host", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-for", "x-forwarded-host", "forwarded"] {
        events.extend(header(name));
    }
    for field in ["domainName", "domainPrefix", "stage", "routeKey", "requestId", "apiId"] {
        events.extend(NONSENSE.map(|text| with(&["requestContext", field], json!(text))));
    }
    for field in ["rawPath", "rawQueryString", "routeKey", "body"] {
        events.extend(NONSENSE.map(|text| with(&[field], json!(text))));
    }
    events.extend(NONSENSE.map(|text| with(&["pathParameters", "proxy"], json!(text))));
    events.extend(NONSENSE.map(|text| with(&["requestContext", "http", "sourceIp"], json!(text))));
    events.push(with(&["rawPath"], json!("/api/v1/users/\0\r\nx: y")));
    events.push(with(&["rawQueryString"], json!("a=\0&b=\u{fffd} c#d")));
    events.push(with(&["isBase64Encoded"], json!(true)));
    events.push(with(&["headers"], json!({})));
    events.push(with(&["rawPath"], Value::Null));
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_in_an_event_is_answered_and_does_not_end_the_process() {
    let sandbox = Sandbox::start().await;
    let users = Running::start(&sandbox, "users", |_| {}).await;
    users.invoke(&sample("users")).await.unwrap();
    let process = users.pids();
    for event in nonsense() {
        let answer = users.invoke(&event).await.unwrap_or_else(|error| panic!("{error}: {event}"));
        let status = answer["statusCode"].as_u64().unwrap_or_default();
        assert!((400..500).contains(&status), "{answer}: {event}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
        assert_eq!((&body["success"], &body["statusCode"]), (&json!(false), &json!(status)), "{answer}: {event}");
    }
    assert_eq!(users.pids(), process, "it is still the same process");
    assert!(sandbox.all_items().await.is_empty());
    users.end().await;
}
