//! The tap: the one address through which functions reach AWS.

use super::Parts;
use super::call::{Call, Service};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts as Head;
use std::sync::Arc;
use tokio::net::TcpListener;
use winterbaume_core::{MockRequest, MockResponse};

/// S3 takes 5 GiB in one PutObject; nothing here needs more than this.
const BODY_MAX_BYTES: usize = 64 * 1024 * 1024;

/// One request with its body read.
pub(super) struct Exchange {
    pub head: Head,
    pub body: Bytes,
}

pub(super) async fn serve(listener: TcpListener, parts: Arc<Parts>) {
    let router = Router::new().fallback(answer).with_state(parts);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "the tap stopped");
    }
}

async fn answer(State(parts): State<Arc<Parts>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let Some(call) = Call::of(&head) else {
        return not_run_here();
    };
    serve_call(&parts, &call, Exchange { head, body }).await
}

/// Every AWS call passes here exactly once, known by service, operation and function, not yet executed and not yet
/// counted: the place to refuse, delay or cut off calls on purpose.
async fn serve_call(parts: &Parts, call: &Call, exchange: Exchange) -> Response {
    match call.service {
        Service::DynamoDb => parts.dynamodb.serve(call, exchange, &parts.counters).await,
        other => {
            parts.counters.add_call(call);
            let answer = match other {
                Service::Sqs => parts.queues.serve(call, exchange).await,
                Service::Ses => parts.mailbox.serve(call, exchange).await,
                Service::S3 | Service::DynamoDb => parts.buckets.serve(exchange).await,
            };
            response(answer)
        }
    }
}

/// The emulators want an absolute URI; the host must not look like one of AWS.
pub(super) fn mock_request(exchange: Exchange) -> MockRequest {
    let path = exchange.head.uri.path_and_query().map_or("/", |path| path.as_str());
    MockRequest {
        method: exchange.head.method.to_string(),
        uri: format!("http://localhost{path}"),
        headers: exchange.head.headers,
        body: exchange.body,
    }
}

fn response(answer: MockResponse) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = answer.headers;
    response
}

fn not_run_here() -> Response {
    let body = r#"{"__type":"UnknownOperationException","message":"This service does not run in the local cloud."}"#;
    let content_type = [("content-type", "application/x-amz-json-1.0")];
    (StatusCode::BAD_REQUEST, content_type, body).into_response()
}
