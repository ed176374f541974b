use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use runtime::{FunctionSpec, InvokeError, MAX_PAYLOAD_BYTES};
use serde_json::{Value, json};

use crate::fixture::{ask, echo, plane_of, probe, probe_with};

#[tokio::test]
async fn six_megabytes_pass_and_one_byte_more_is_too_large() {
    let plane = plane_of(probe()).await;
    let frame = json!({ "do": "echo", "value": "" }).to_string().len();
    let envelope = json!({ "answer": "", "pid": 4_000_000, "label": "" }).to_string().len();

    let most = "x".repeat(MAX_PAYLOAD_BYTES - frame.max(envelope));
    assert_eq!(echo(&plane, most.clone()).await.unwrap(), most);

    let too_much = echo(&plane, "x".repeat(MAX_PAYLOAD_BYTES - frame + 1)).await;
    assert_eq!(too_much, Err(InvokeError::TooLarge));
    plane.shutdown().await;
}

#[tokio::test]
async fn a_response_of_more_than_six_megabytes_is_an_error_of_the_function() {
    let plane = plane_of(probe()).await;
    let Err(InvokeError::FunctionError(error)) = ask(&plane, json!({ "do": "big", "bytes": MAX_PAYLOAD_BYTES })).await
    else {
        panic!("no error")
    };
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    assert_eq!(echo(&plane, 1).await.unwrap(), 1);
    plane.shutdown().await;
}

#[tokio::test]
async fn what_is_not_json_never_reaches_the_function() {
    let plane = plane_of(probe()).await;
    for payload in [&b"{"[..], b"\"\xff\"", b"{} {}"] {
        let outcome = plane.invoke("probe", Bytes::from_static(payload), None).await;
        assert!(matches!(outcome, Err(InvokeError::InvalidPayload(_))), "{outcome:?}");
    }
    assert!(plane.pids().is_empty());
    plane.shutdown().await;
}

#[tokio::test]
async fn unknown_functions_and_functions_without_instances() {
    let plane = plane_of(FunctionSpec { max_instances: 0, ..probe() }).await;
    assert_eq!(echo(&plane, 1).await, Err(InvokeError::Throttled));
    let unknown = plane.invoke("nobody", Bytes::new(), None).await;
    assert_eq!(unknown, Err(InvokeError::UnknownFunction("nobody".to_owned())));
    plane.shutdown().await;
}

#[tokio::test]
async fn the_deadline_is_the_start_of_the_work_plus_the_timeout() {
    let plane = plane_of(FunctionSpec { max_instances: 1, timeout: Duration::from_secs(20), ..probe() }).await;
    let busy = ask(&plane, json!({ "do": "sleep", "ms": 700 }));
    let asked = SystemTime::now();
    let waiting = ask(&plane, json!({ "do": "context" }));
    let (_, context) = tokio::join!(busy, waiting);
    let deadline = deadline(&context.unwrap());

    // Waiting for the instance does not count.
    let span = deadline.duration_since(asked).unwrap();
    assert!(span >= Duration::from_millis(20_690), "{span:?}");
    assert!(deadline <= SystemTime::now() + Duration::from_secs(20));
    plane.shutdown().await;
}

#[tokio::test]
async fn a_streamed_response_is_collected() {
    let plane = plane_of(probe_with(&[("PROBE_STREAM", "1")])).await;
    let answer = plane.invoke("probe", Bytes::new(), None).await.unwrap();
    // What AWS's own prelude looks like: metadata, eight zero bytes, body.
    let zeros = answer.windows(8).position(|window| window == [0; 8]).unwrap();
    assert_eq!(&answer[zeros + 8..], b"one two three");
    plane.shutdown().await;
}

fn deadline(context: &Value) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(context["answer"]["deadlineMs"].as_u64().unwrap())
}
