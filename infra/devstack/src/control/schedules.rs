//! Schedules, and running one now.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::envelope::{Failure, success};
use super::{Control, done, is_form};

/// GET /control/schedules
pub async fn list(State(control): State<Control>) -> Response {
    let schedules = control.running.schedules.iter();
    let lines: Vec<Value> =
        schedules.map(|known| json!({ "name": known.name, "expression": known.expression })).collect();
    success("Schedules", lines)
}

/// POST /control/schedules/{name}/run: its function's result; a body is the event in place of the schedule's own.
pub async fn run(
    State(control): State<Control>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let mut schedules = control.running.schedules.iter();
    let known = schedules.find(|known| known.name == name);
    let known = known.ok_or_else(|| Failure::not_found(format!("There is no schedule {name:?}")))?;
    let event: Option<Value> = match body.is_empty() || is_form(&headers, &body) {
        true => None,
        false => {
            let event = serde_json::from_slice(&body);
            Some(event.map_err(|error| Failure::bad_request(format!("the event is not JSON: {error}")))?)
        }
    };
    Ok(done(&headers, &body, "It ran", known.run(event).await?))
}
