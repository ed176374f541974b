//! What happens around every handler: request id, CORS, panics, the envelope, security headers, the log line.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::{Code, Failure};
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::app::App;
use crate::cors;
use crate::envelope::{Outcome, failed};
use crate::limit::Standings;
use crate::log::{Principal, RequestLine};
use crate::origin::Origin;
use crate::problem::Problem;
use crate::routes::Routes;

/// The finished service of a route table: what Lambda runs and what tests call.
pub fn serve<S>(routes: Routes<S>, state: S) -> Router
where
    S: Clone + Send + Sync + 'static,
    App: FromRef<S>,
{
    let app = App::from_ref(&state);
    let unknown = || async { failed(Failure::new(Code::NotFound, "There is no such path")) };
    let wrong = || async { failed(Failure::new(Code::MethodNotAllowed, "This path does not know that method")) };
    routes
        .router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong)
        // Bodies are bounded by the extractor that reads them, with an answer in the envelope.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(from_fn_with_state(app, around))
        .with_state(state)
}

static WARM: AtomicBool = AtomicBool::new(false);

async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let origin = Origin::read(request.headers(), request.extensions());
    let (principal, standings) = (Principal::default(), Standings::default());
    request.extensions_mut().insert(origin.clone());
    request.extensions_mut().insert(principal.clone());
    request.extensions_mut().insert(standings.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let from = request.headers().get(header::ORIGIN).cloned();
    let preflight = cors::is_preflight(&method, request.headers());

    let mut response = match preflight {
        true => StatusCode::NO_CONTENT.into_response(),
        false => caught(next.run(request)).await,
    };
    let cause = write_envelope(&mut response, &origin, &app);
    cors::add(response.headers_mut(), from.as_ref(), &app.settings.cors_origins, preflight);
    add_headers(response.headers_mut(), &origin, app.settings.is_local());
    standings.add_headers(response.headers_mut());

    RequestLine {
        now: app.clock.now(),
        function: &app.settings.function,
        request_id: &origin.request_id,
        method: method.as_str(),
        route: route.as_deref().unwrap_or("none"),
        status: response.status().as_u16(),
        micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        principal: principal.get(),
        cold_start: !WARM.swap(true, Ordering::Relaxed),
        cause: cause.as_deref(),
    }
    .write();
    response
}

/// A panic fails one request, not the process.
async fn caught(response: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(response).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => Problem::internal(panic_message(panic.as_ref())).into_response(),
    }
}

/// What a panic said, for the log.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).map_or("panic".to_owned(), |text| format!("panic: {text}"))
}

/// Writes the envelope of what the handler answered; tells the cause of a failure for the log.
fn write_envelope(response: &mut Response, origin: &Origin, app: &App) -> Option<String> {
    let outcome = response.extensions_mut().remove::<Outcome>()?;
    let status = response.status();
    let written = outcome.write(status, &origin.request_id, app.clock.now());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(written);
    let (failure, cause) = match outcome {
        Outcome::Success(..) => return None,
        Outcome::Failure(failure, cause) => (failure, cause),
        Outcome::Degraded(failure, cause, _) => (failure, Some(cause)),
    };
    if let Some(seconds) = failure.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    cause
}

const SECURITY: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Headers of every answer; a handler's own, such as a page's policy or a document's caching, stay.
fn add_headers(headers: &mut HeaderMap, origin: &Origin, is_local: bool) {
    for (name, value) in SECURITY {
        headers.entry(name).or_insert(value);
    }
    if !is_local {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    if let Ok(id) = HeaderValue::from_str(&origin.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}
