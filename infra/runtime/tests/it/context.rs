use bytes::Bytes;
use serde_json::{Value, json};

use crate::fixture::{ask, echo, eventually, noisy_plane, plane_of, probe_with};

#[tokio::test]
async fn the_client_context_passes_whatever_letters_it_has() {
    let plane = plane_of(probe_with(&[])).await;
    let context = json!({ "custom": { "clockOffsetSeconds": "3600", "name": "Zoë 🌻\nnext" } });
    let event = Bytes::from(json!({ "do": "context" }).to_string());
    let answer = plane.invoke("probe", event, Some(context.clone())).await.unwrap();
    let seen: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(seen["answer"]["custom"], context["custom"]);
    plane.shutdown().await;
}

#[tokio::test]
async fn a_function_finds_the_environment_of_lambda_and_nothing_of_ours() {
    let plane = plane_of(probe_with(&[
        ("STAGE", "local"),
        ("AWS_REGION", "eu-central-1"),
        ("PATH", "/opt/bin"),
        ("AWS_LAMBDA_FUNCTION_NAME", "a lie"),
    ]))
    .await;
    let seen = ask(&plane, json!({ "do": "context" })).await.unwrap()["answer"].clone();
    let environment = seen["environment"].as_object().unwrap();
    for (name, value) in [
        ("STAGE", "local"),
        ("PATH", "/opt/bin"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "probe"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/probe"),
        ("_HANDLER", "bootstrap"),
    ] {
        assert_eq!(environment[name], value, "{name}");
    }
    // The whole of it, so that nothing of the developer's shell can hide here. `lambda_runtime` sets the trace id.
    let mut names: Vec<&str> =
        environment.keys().map(String::as_str).filter(|name| *name != "_X_AMZN_TRACE_ID").collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "AWS_DEFAULT_REGION",
            "AWS_EXECUTION_ENV",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "HOME",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "PATH",
            "STAGE",
            "TZ",
            "_HANDLER",
        ]
    );
    assert_eq!(environment["LAMBDA_TASK_ROOT"], seen["folder"]);
    assert_eq!(seen["arn"], "arn:aws:lambda:eu-central-1:000000000000:function:probe");
    assert_eq!(seen["memory"], 256);
    assert_eq!(seen["requestId"].as_str().unwrap().len(), 36);
    assert!(seen["traceId"].as_str().unwrap().starts_with("Root=1-"));
    plane.shutdown().await;
}

#[tokio::test]
async fn what_a_function_writes_comes_by_lines_with_its_name() {
    let (plane, lines) = noisy_plane().await;
    ask(&plane, json!({ "do": "say", "out": "to stdout\nin two", "err": "to stderr" })).await.unwrap();
    let has = |line: &str| lines.lock().unwrap().iter().any(|kept| kept == line);
    eventually("all lines", || has("probe: to stdout") && has("probe: in two") && has("probe: to stderr")).await;
    plane.shutdown().await;
}

#[tokio::test]
async fn each_invocation_has_its_own_id() {
    let plane = plane_of(probe_with(&[])).await;
    let one = ask(&plane, json!({ "do": "context" })).await.unwrap();
    let two = ask(&plane, json!({ "do": "context" })).await.unwrap();
    assert_ne!(one["answer"]["requestId"], two["answer"]["requestId"]);
    assert_eq!(echo(&plane, Value::Null).await.unwrap(), Value::Null);
    plane.shutdown().await;
}
