//! The tap: the one address through which functions reach AWS.

use super::Parts;
use super::call::{Call, Service};
use super::faults::{self, Cut};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts as Head;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use winterbaume_core::{MockRequest, MockResponse};

/// S3 takes 5 GiB in one PutObject; nothing here needs more than this.
const BODY_MAX_BYTES: usize = 64 * 1024 * 1024;
/// How long to wait when no connection can be accepted, most likely for want of file handles.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// One request with its body read.
#[derive(Clone)]
pub(super) struct Exchange {
    pub head: Head,
    pub body: Bytes,
}

/// Serves until it is dropped, and its connections with it.
pub(super) async fn serve(listener: TcpListener, parts: Arc<Parts>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&parts)));
                }
                Err(error) => {
                    tracing::warn!(%error, "the tap could not accept a connection");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A call that is cut off takes its connection along: hyper ends it without a word.
async fn connection(stream: TcpStream, parts: Arc<Parts>) {
    // Answers are small and whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let parts = Arc::clone(&parts);
        async move { answer(&parts, request).await }
    });
    let served = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the tap ended early");
    }
}

async fn answer(parts: &Parts, request: Request<Incoming>) -> Result<Response, Cut> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), BODY_MAX_BYTES).await else {
        return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let Some(call) = Call::of(&head) else {
        return Ok(not_run_here());
    };
    serve_call(parts, &call, Exchange { head, body }).await
}

/// Every AWS call passes here exactly once, known by service, operation and function, not yet executed and not yet
/// counted: the place where calls are refused, delayed or cut off on purpose.
async fn serve_call(parts: &Parts, call: &Call, exchange: Exchange) -> Result<Response, Cut> {
    faults::answer(&parts.faults, call, &exchange.body, || execute(parts, call, exchange.clone())).await
}

async fn execute(parts: &Parts, call: &Call, exchange: Exchange) -> Response {
    if call.service == Service::DynamoDb {
        return parts.dynamodb.serve(call, exchange, &parts.counters).await;
    }
    parts.counters.add_call(call);
    match call.service {
        Service::Sqs => response(parts.queues.serve(call, exchange).await),
        Service::Ses => response(parts.mailbox.serve(call, exchange).await),
        Service::S3 => response(parts.buckets.serve(exchange).await),
        Service::DynamoDb | Service::Http => not_run_here(),
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
