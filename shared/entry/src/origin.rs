//! Where a request comes from, as the gateway saw it; headers that clients send are not believed.

use std::convert::Infallible;

use aide::OperationInput;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{Extensions, HeaderMap, header};
use lambda_http::request::RequestContext;

use crate::keys::random;

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's id: in the answer, the log, events and audit.
    pub request_id: String,
    /// The caller's address.
    pub ip: String,
    /// What the caller says it is.
    pub user_agent: String,
}

impl Origin {
    /// Reads the gateway's context; the caller's `X-Request-Id` counts when it is `[A-Za-z0-9._-]{8,64}`.
    pub(crate) fn read(headers: &HeaderMap, extensions: &Extensions) -> Self {
        let sent = headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(|id| is_request_id(id));
        let ip = match extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
            _ => None,
        };
        let user_agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Origin {
            request_id: sent.map_or_else(fresh_request_id, str::to_owned),
            ip: ip.unwrap_or_default(),
            user_agent: user_agent.unwrap_or_default().into_owned(),
        }
    }
}

fn is_request_id(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c))
}

fn fresh_request_id() -> String {
    random::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Origin>().cloned().unwrap_or_else(|| Origin::read(&parts.headers, &parts.extensions)))
    }
}

impl OperationInput for Origin {}
