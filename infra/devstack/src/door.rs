//! The front door: the HTTP API in front of the functions, on loopback.

pub mod answer;
mod encoding;
pub mod event;
pub mod route;
mod server;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::functions::invoker::{CallFailure, Invoker};
use crate::invocations::InvocationLog;
use crate::template::Function;
use answer::Answer;
use event::Arrival;
use route::{Match, RouteTable};

/// Request line and headers, in bytes.
const MAX_HEAD_BYTES: usize = 10_240;
/// What the gateway takes of a body, in bytes.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// What Lambda takes of an event and gives of an answer, in bytes.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
/// Requests of one function under way; more wait.
const MAX_IN_FLIGHT: usize = 64;
/// Longest wait for one's turn. The gateway has no such queue; without an end, a client that never gives up waits for ever.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// Routes requests to functions.
pub struct Door {
    routes: RouteTable,
    functions: HashMap<String, Limits>,
    invoker: Arc<Invoker>,
    log: Arc<InvocationLog>,
    port: u16,
}

struct Limits {
    timeout: Duration,
    turns: Arc<Semaphore>,
}

impl Door {
    pub fn new(functions: &[Function], invoker: Arc<Invoker>, log: Arc<InvocationLog>, port: u16) -> Self {
        let routes = functions.iter().flat_map(|function| {
            let binary = function.binary.as_str();
            function.http_routes.iter().map(move |route| (route.method.as_str(), route.path.as_str(), binary))
        });
        let limits = functions.iter().map(|function| {
            let turns = Arc::new(Semaphore::new(MAX_IN_FLIGHT));
            (function.binary.clone(), Limits { timeout: function.timeout, turns })
        });
        Self { routes: RouteTable::new(routes), functions: limits.collect(), invoker, log, port }
    }

    /// Answers one request; whatever it holds, there is an answer.
    pub async fn answer<B>(self: Arc<Self>, request: Request<B>, source_ip: IpAddr) -> Answer
    where
        B: hyper::body::Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let arrival = Arrival { source_ip, port: self.port, received: Timestamp::now(), request_id: request_id() };
        let (parts, body) = request.into_parts();
        let mut answer = match read_body(body).await {
            // The body is read even so: a client that is still sending would miss the answer.
            _ if head_bytes(&parts) > MAX_HEAD_BYTES => {
                answer::own(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
            }
            Err(refusal) => refusal,
            Ok(body) => self.route(parts, &body, &arrival).await,
        };
        if let Ok(id) = HeaderValue::from_str(&arrival.request_id) {
            answer.headers_mut().insert("apigw-requestid", id);
        }
        answer
    }

    async fn route(self: &Arc<Self>, parts: Parts, body: &[u8], arrival: &Arrival) -> Answer {
        let path = encoding::decode_path(parts.uri.path());
        // `*`, or a host where a path should be: no route begins like that, and no function expects it.
        if !path.starts_with('/') {
            return answer::own(StatusCode::BAD_REQUEST, "Bad Request");
        }
        let Some(found) = self.routes.find(parts.method.as_str(), &path) else {
            return answer::own(StatusCode::NOT_FOUND, "Not Found");
        };
        let event = event_bytes(&parts, body, &found, arrival);
        if event.len() > MAX_EVENT_BYTES {
            return answer::own(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        }
        let (door, function) = (self.clone(), found.function.to_owned());
        // On its own: as there, a client that goes away does not stop the function.
        let running = tokio::spawn(async move { door.invoke(&function, &path, event, parts).await });
        running.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the front door failed");
            answer::own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        })
    }

    async fn invoke(&self, function: &str, path: &str, event: Bytes, parts: Parts) -> Answer {
        let running = self.log.begin(function, format!("{} {path}", parts.method));
        let Some(limits) = self.functions.get(function) else {
            return answer::own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        };
        let turn = tokio::time::timeout(MAX_WAIT, limits.turns.acquire()).await;
        let called = match turn {
            Ok(Ok(_turn)) => self.invoker.call(function, event, limits.timeout).await,
            _ => Err(CallFailure::Throttled),
        };
        let answer = match called {
            Ok(answer) if answer.len() > MAX_EVENT_BYTES => failed(function, "answered more than 6 MB"),
            Ok(answer) => {
                answer::read(&answer, &parts.method).unwrap_or_else(|malformed| failed(function, malformed.0))
            }
            Err(CallFailure::Failed(cause)) => failed(function, &cause),
            Err(failure) => {
                tracing::warn!("{function} gave no answer: {failure}");
                answer::own(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
        };
        running.end(answer.status().as_str());
        answer
    }
}

fn failed(function: &str, cause: &str) -> Answer {
    // The rest, a crash's last lines, has been printed as the function's own.
    let cause = cause.lines().next().unwrap_or_default();
    tracing::error!("{function} failed: {cause}");
    answer::own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

fn event_bytes(parts: &Parts, body: &[u8], found: &Match<'_>, arrival: &Arrival) -> Bytes {
    event::payload(parts, body, found, arrival).to_string().into()
}

/// The request line and the headers as they came over the wire.
fn head_bytes(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(1, |target| target.as_str().len());
    let line = parts.method.as_str().len() + target + " HTTP/1.1\r\n ".len();
    let headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    line + headers.sum::<usize>()
}

/// The whole body; of one that is too large, the rest is read away for a while, so that the client hears why.
async fn read_body<B>(mut body: B) -> Result<Bytes, Answer>
where
    B: hyper::body::Body<Data = Bytes> + Send + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(&mut body, MAX_BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let mut left = 8 * MAX_BODY_BYTES;
            while let Some(Ok(frame)) = body.frame().await {
                left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
                if left == 0 {
                    break;
                }
            }
            Err(answer::own(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"))
        }
        Err(_) => Err(answer::own(StatusCode::BAD_REQUEST, "Bad Request")),
    }
}

/// Like the gateway's: 15 characters and a `=`.
fn request_id() -> String {
    let random = uuid::Uuid::now_v7();
    URL_SAFE.encode(&random.as_bytes()[5..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_the_gateways() {
        let id = request_id();
        assert_eq!((id.len(), id.ends_with('=')), (16, true));
        assert_ne!(id, request_id());
    }

    #[test]
    fn the_head_is_measured_as_sent() {
        let request = Request::get("http://h/a?b").header("x", "yy").body(()).unwrap_or_default();
        assert_eq!(head_bytes(&request.into_parts().0), "GET /a?b HTTP/1.1\r\nx: yy\r\n".len());
    }
}
