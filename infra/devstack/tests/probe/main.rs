//! The functions of the tests' stacks: what an event asks for, good or bad. Records and messages that were handled are
//! lines of the file `PROBE_LOG`.

use std::io::Write as _;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    match event.payload.get("Records") {
        Some(records) => batch(records.as_array().map(Vec::as_slice).unwrap_or_default()),
        // What a schedule sends has no path.
        None if event.payload["rawPath"].is_null() => {
            let clock =
                event.context.client_context.and_then(|context| context.custom.get("clockOffsetSeconds").cloned());
            match event.payload["fail"].as_str() {
                Some(cause) => Err(cause.to_owned().into()),
                None => Ok(json!({ "event": event.payload.to_string(), "clock": clock, "identity": { "found": 1 } })),
            }
        }
        None => Ok(http(&event.payload).await),
    }
}

async fn http(event: &Value) -> Value {
    match event["rawPath"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default() {
        "crash" => std::process::exit(3),
        "abort" => std::process::abort(),
        "slow" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Value::Null
        }
        "pause" => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            json!({ "statusCode": 200, "body": "paused" })
        }
        "malformed" => json!({ "statusCode": "many" }),
        "cookies" => json!({ "statusCode": 204, "cookies": ["a=1", "b=2"], "headers": { "x-a": "b" } }),
        "binary" => json!({ "statusCode": 200, "body": "/w==", "isBase64Encoded": true }),
        _ => json!({ "statusCode": 200, "headers": { "content-type": "application/json" }, "body": event.to_string() }),
    }
}

/// What is called `poison…` always fails, `crash…` takes the process along; the rest is logged, once per delivery.
fn batch(records: &[Value]) -> Result<Value, Error> {
    let mut failures = Vec::new();
    for record in records {
        let (identifier, body) = match record["dynamodb"].is_object() {
            true => (&record["dynamodb"]["SequenceNumber"], &record["dynamodb"]["NewImage"]["note"]["S"]),
            false => (&record["messageId"], &record["body"]),
        };
        let body = body.as_str().unwrap_or_default();
        if body.starts_with("crash") {
            std::process::exit(4);
        }
        if body.starts_with("poison") {
            failures.push(json!({ "itemIdentifier": identifier }));
            continue;
        }
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(std::env::var("PROBE_LOG")?)?;
        writeln!(log, "{body}")?;
    }
    Ok(json!({ "batchItemFailures": failures }))
}
