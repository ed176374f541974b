//! CORS: exact origins, no wildcard, no credentials. An unknown origin gets no CORS header, and the browser refuses.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, Idempotent-Replayed",
);
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Whether a request only asks what it would be allowed.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    let asks = HeaderName::from_static("access-control-request-method");
    method == Method::OPTIONS && headers.contains_key(header::ORIGIN) && headers.contains_key(asks)
}

/// Adds what a browser at `origin` needs to know.
pub(crate) fn add(to: &mut HeaderMap, origin: Option<&HeaderValue>, allowed: &[String], preflight: bool) {
    to.insert(header::VARY, HeaderValue::from_static("Origin"));
    let known = |origin: &&HeaderValue| allowed.iter().any(|known| known.as_bytes() == origin.as_bytes());
    let Some(origin) = origin.filter(known) else { return };
    to.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    to.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if preflight {
        to.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        to.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        to.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
}
