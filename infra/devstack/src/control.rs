//! The control port: what a developer wants to see and do, as a page and as JSON under /control.

mod clock;
mod envelope;
pub(crate) mod hooks;
mod html;
mod page;
mod schedules;

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;

use crate::cloud::{Capacity, CloudError, QueueDepth};
use crate::process::stop::Stopping;
use crate::sources::short_name;
use crate::stack::{Running, Urls};
use envelope::{Failure, success};

/// How many decisions about faults are told.
const DECISIONS_SHOWN: usize = 200;

/// The control port of one stack.
#[derive(Clone)]
pub(crate) struct Control {
    running: Arc<Running>,
    urls: Arc<Urls>,
}

#[derive(Debug, Deserialize)]
struct MailFilter {
    to: Option<String>,
}

/// A queue under its short name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QueueLine {
    name: String,
    visible: usize,
    in_flight: usize,
    dlq_depth: usize,
    sent: u64,
    done: u64,
}

impl Control {
    pub fn new(running: Arc<Running>, urls: Urls) -> Self {
        Self { running, urls: Arc::new(urls) }
    }

    /// Serves until the stack stops.
    pub async fn serve(self, listener: TcpListener, mut stopping: Stopping) {
        let routes = Router::new()
            .route("/", get(page::show))
            .route("/control/mail", get(mail))
            .route("/control/queues", get(queues))
            .route("/control/queues/{name}/redrive", post(redrive))
            .route("/control/schedules", get(schedules::list))
            .route("/control/schedules/{name}/run", post(schedules::run))
            .route("/control/clock", get(clock::show).post(clock::set))
            .route("/control/invocations", get(invocations))
            .route("/control/reset", post(reset))
            .route("/control/faults", get(faults))
            .route("/control/hooks", get(hooks::list))
            .route("/hooks/{name}", post(hooks::take).layer(DefaultBodyLimit::max(hooks::BODY_MAX_BYTES)))
            .route("/control/demo", get(demo))
            .route("/control/tables/{table}/capacity", get(capacity))
            .fallback(no_such_route)
            .method_not_allowed_fallback(no_such_method)
            .layer(middleware::from_fn(local_only))
            .with_state(self);
        tokio::select! {
            served = axum::serve(listener, routes) => {
                if let Err(error) = served {
                    tracing::error!(%error, "the control port stopped");
                }
            }
            () = stopping.stopped() => {}
        }
    }

    async fn queue_lines(&self) -> Result<Vec<QueueLine>, CloudError> {
        let depths = self.running.cloud.queues().await?;
        Ok(depths.into_iter().map(QueueLine::from).collect())
    }

    /// The capacity of a table by its short name.
    fn capacity(&self, table: &str) -> Option<Capacity> {
        let name = self.running.tables.iter().find(|name| short_name(name) == table)?;
        Some(Capacity { table: table.to_owned(), ..self.running.cloud.capacity(name) })
    }
}

impl From<QueueDepth> for QueueLine {
    fn from(depth: QueueDepth) -> Self {
        Self {
            name: short_name(&depth.name).to_owned(),
            // One that waits for its delay will be seen; there is no word of its own for it here.
            visible: depth.visible + depth.delayed,
            in_flight: depth.in_flight,
            dlq_depth: depth.dlq_depth,
            sent: depth.sent,
            done: depth.done,
        }
    }
}

async fn mail(State(control): State<Control>, Query(filter): Query<MailFilter>) -> Result<Response, Failure> {
    Ok(success("Mail", control.running.cloud.mails(filter.to.as_deref())?))
}

async fn queues(State(control): State<Control>) -> Result<Response, Failure> {
    Ok(success("Queues", control.queue_lines().await?))
}

async fn redrive(
    State(control): State<Control>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let depths = control.running.cloud.queues().await?;
    let queue = depths.iter().find(|depth| short_name(&depth.name) == name || depth.name == name);
    let queue = queue.ok_or_else(|| Failure::not_found(format!("There is no queue {name:?}")))?;
    let moved = control.running.cloud.redrive(&queue.name).await?;
    Ok(done(&headers, b"", "Moved back", json!({ "moved": moved })))
}

async fn invocations(State(control): State<Control>) -> Response {
    success("Invocations", control.running.log.latest())
}

async fn faults(State(control): State<Control>) -> Response {
    success("Faults on purpose", control.running.cloud.faults().standing(DECISIONS_SHOWN))
}

async fn reset(State(control): State<Control>, headers: HeaderMap) -> Result<Response, Failure> {
    control.running.reset().await?;
    Ok(done(&headers, b"", "Everything is empty again", json!({})))
}

async fn demo(State(control): State<Control>) -> Response {
    success("Demo data", json!({ "accounts": control.running.demo.accounts() }))
}

async fn capacity(State(control): State<Control>, Path(table): Path<String>) -> Result<Response, Failure> {
    let capacity = control.capacity(&table);
    let capacity = capacity.ok_or_else(|| Failure::not_found(format!("There is no table {table:?}")))?;
    Ok(success("Capacity", capacity))
}

async fn no_such_route(uri: Uri) -> Failure {
    Failure::not_found(format!("There is no {}", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Failure {
    Failure::method_not_allowed(format!("{} takes no {method}", uri.path()))
}

/// Whether a form of the page was sent. `curl -d '{…}'` calls its body a form as well, and means JSON.
fn is_form(headers: &HeaderMap, body: &[u8]) -> bool {
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.get(header::CONTENT_TYPE) == Some(&form) && !body.trim_ascii_start().starts_with(b"{")
}

/// JSON for programs; a form of the page goes back to the page.
fn done(headers: &HeaderMap, body: &[u8], message: &str, data: serde_json::Value) -> Response {
    match is_form(headers, body) {
        true => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
        false => success(message, data),
    }
}

/// The mailbox holds tokens and reset deletes everything: neither a foreign page in the developer's browser nor a name
/// that was made to lead here may reach them.
async fn local_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let foreign_page = match headers.get(header::ORIGIN).map(HeaderValue::to_str) {
        None => false,
        Some(Ok(origin)) => origin.split_once("://").map(|(_, host)| host) != Some(host),
        Some(Err(_)) => true,
    };
    if !is_loopback(host) || foreign_page {
        return Failure::forbidden("The control port is for this machine's own pages and programs").into_response();
    }
    next.run(request).await
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name == "[::1]" || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_names_are_known() {
        for host in ["localhost", "localhost:9001", "127.0.0.1:9001", "127.0.0.1", "[::1]:9001"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:9001", "10.0.0.1", "", "localhost.evil.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
