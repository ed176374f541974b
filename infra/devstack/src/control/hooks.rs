//! A catcher of webhooks: what functions send to `/hooks/{name}` is kept for the developer to look at.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Control;
use super::envelope::success;
use crate::cloud::faults::{Cut, answer};
use crate::cloud::{Call, Service};

/// Most hooks that are kept.
const HOOKS_MAX: usize = 200;
/// Most bytes of a body.
pub const BODY_MAX_BYTES: usize = 256 * 1024;
/// Who sends under which name: the beginning of the user agent and the function.
const SENDERS: [(&str, &str); 1] = [("Souk-Webhooks/", "webhook-sender")];

/// One request that was caught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hook {
    /// What its URL ends with.
    pub name: String,
    pub received_at: Timestamp,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// Whether the body is no text and stands here in Base64.
    pub is_base64_encoded: bool,
}

/// The requests that were caught last.
#[derive(Default)]
pub struct Hooks(Mutex<VecDeque<Hook>>);

#[derive(Debug, Deserialize)]
pub struct Filter {
    name: Option<String>,
}

impl Hooks {
    /// Newest first; `name` keeps those of this name.
    pub fn latest(&self, name: Option<&str>) -> Vec<Hook> {
        let hooks = self.lock();
        hooks.iter().rev().filter(|hook| name.is_none_or(|name| hook.name == name)).cloned().collect()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn keep(&self, hook: Hook) {
        let mut hooks = self.lock();
        if hooks.len() == HOOKS_MAX {
            hooks.pop_front();
        }
        hooks.push_back(hook);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Hook>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// POST /hooks/{name}: a call like those that pass the tap, so it meets the same faults.
pub async fn take(
    State(control): State<Control>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call { service: Service::Http, operation: "POST".to_owned(), function: sender(&headers) };
    let faults = control.running.cloud.faults();
    let answered = answer(faults, &call, &body, || async {
        control.running.hooks.keep(hook(&name, &headers, &body));
        success("Received", json!({ "name": name }))
    });
    answered.await.unwrap_or_else(Cut::into_failing_answer)
}

/// GET /control/hooks
pub async fn list(State(control): State<Control>, Query(filter): Query<Filter>) -> Response {
    success("Webhooks", control.running.hooks.latest(filter.name.as_deref()))
}

fn hook(name: &str, headers: &HeaderMap, body: &Bytes) -> Hook {
    let (body, is_base64_encoded) = match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (STANDARD.encode(body), true),
    };
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Hook { name: name.to_owned(), received_at: Timestamp::now(), headers, body, is_base64_encoded }
}

fn sender(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let known = SENDERS.iter().find(|(begins, _)| agent.starts_with(begins));
    known.map_or("unknown", |(_, function)| function).to_owned()
}
