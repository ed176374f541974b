//! The Lambda Runtime API, as a function process sees it; the rules are those of its instance.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
//!
//! One port serves all instances: the first part of the path is the token of the instance, which
//! `lambda_runtime` carries over from AWS_LAMBDA_RUNTIME_API.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

use crate::{
    FunctionSpec, MAX_PAYLOAD_BYTES,
    body::{self, BodyError},
    connection::without_delay,
    environment,
    job::Job,
    plane::Plane,
};

/// What a process says to its instance.
#[derive(Debug)]
pub(crate) enum Call {
    /// It is free; the reply is held back until there is something to do.
    Next(oneshot::Sender<Delivery>),
    /// The outcome of an invocation: the payload or the error document. The reply says whether it was awaited.
    Outcome { id: String, outcome: Result<Bytes, Value>, accepted: oneshot::Sender<bool> },
    /// It cannot start. The reply says whether that was still possible.
    InitError { error: Value, accepted: oneshot::Sender<bool> },
}

/// An invocation as a process receives it.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) payload: Bytes,
    /// Milliseconds since 1970.
    pub(crate) deadline_ms: u64,
    pub(crate) arn: String,
    pub(crate) trace_id: String,
    pub(crate) client_context: Option<String>,
}

impl Delivery {
    /// The job as it is handed over now: from here its time runs.
    pub(crate) fn now(job: &Job, spec: &FunctionSpec) -> Delivery {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Delivery {
            id: job.id.clone(),
            payload: job.payload.clone(),
            deadline_ms: u64::try_from((now + spec.timeout).as_millis()).unwrap_or(u64::MAX),
            arn: environment::arn(spec),
            trace_id: job.trace_id.clone(),
            client_context: job.client_context.clone(),
        }
    }
}

/// Serves until the plane stops.
pub(crate) async fn serve(plane: Arc<Plane>, listener: TcpListener) {
    let routes = Router::new()
        .route("/{token}/2018-06-01/runtime/invocation/next", get(next))
        .route("/{token}/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/{token}/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/{token}/2018-06-01/runtime/init/error", post(init_error))
        .with_state(plane.clone());
    tokio::select! {
        served = axum::serve(without_delay(listener), routes) => {
            if let Err(error) = served {
                tracing::error!(%error, "the Runtime API ended");
            }
        }
        () = plane.stopped() => {}
    }
}

async fn next(State(plane): State<Arc<Plane>>, Path(token): Path<String>) -> Response {
    let (reply, delivery) = oneshot::channel();
    if !send(&plane, &token, Call::Next(reply)).await {
        return gone();
    }
    let Ok(delivery) = delivery.await else { return gone() };
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", delivery.id),
        ("lambda-runtime-deadline-ms", delivery.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", delivery.arn),
        ("lambda-runtime-trace-id", delivery.trace_id),
    ];
    // No header at all rather than an empty one: that is how AWS says that there is none.
    match delivery.client_context {
        Some(context) => (headers, [("lambda-runtime-client-context", context)], delivery.payload).into_response(),
        None => (headers, delivery.payload).into_response(),
    }
}

/// A streamed response ends up here as well: it is collected before it goes on.
async fn response(State(plane): State<Arc<Plane>>, Path((token, id)): Path<(String, String)>, body: Body) -> Response {
    match body::read(body).await {
        Ok(payload) => settle(&plane, &token, id, Ok(payload)).await,
        Err(BodyError::TooLarge) => {
            let error = json!({
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": format!("Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."),
            });
            settle(&plane, &token, id, Err(error.clone())).await;
            (StatusCode::PAYLOAD_TOO_LARGE, Json(error)).into_response()
        }
        Err(BodyError::Broken) => gone(),
    }
}

async fn error(
    State(plane): State<Arc<Plane>>,
    Path((token, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let error = error_document(&headers, body).await;
    settle(&plane, &token, id, Err(error)).await
}

async fn init_error(
    State(plane): State<Arc<Plane>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (accepted, answer) = oneshot::channel();
    let call = Call::InitError { error: error_document(&headers, body).await, accepted };
    acknowledge(send(&plane, &token, call).await && answer.await.unwrap_or(false))
}

async fn settle(plane: &Plane, token: &str, id: String, outcome: Result<Bytes, Value>) -> Response {
    let (accepted, answer) = oneshot::channel();
    let sent = send(plane, token, Call::Outcome { id, outcome, accepted }).await;
    acknowledge(sent && answer.await.unwrap_or(false))
}

/// What the function says about its error, or what can be said for it when that is not an object.
async fn error_document(headers: &HeaderMap, body: Body) -> Value {
    let body = body::read(body).await.unwrap_or_default();
    if let Ok(Value::Object(document)) = serde_json::from_slice(&body) {
        return Value::Object(document);
    }
    let named = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
    json!({ "errorType": named.unwrap_or("Unhandled"), "errorMessage": String::from_utf8_lossy(&body) })
}

/// False when the instance has ended.
async fn send(plane: &Plane, token: &str, call: Call) -> bool {
    let calls: Option<mpsc::Sender<Call>> = plane.calls_of(token);
    match calls {
        Some(calls) => calls.send(call).await.is_ok(),
        None => false,
    }
}

fn acknowledge(accepted: bool) -> Response {
    if accepted {
        (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
    } else {
        let error = json!({ "errorType": "InvalidRequestID", "errorMessage": "Nobody waits for this." });
        (StatusCode::BAD_REQUEST, Json(error)).into_response()
    }
}

fn gone() -> Response {
    let error = json!({ "errorType": "Gone", "errorMessage": "This instance has ended." });
    (StatusCode::GONE, Json(error)).into_response()
}
