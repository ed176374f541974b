//! The clock of functions.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{Failure, success};
use super::{Control, done, is_form};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Setting {
    offset_seconds: i64,
}

/// GET /control/clock
pub async fn show(State(control): State<Control>) -> Response {
    success("The clock of functions", setting(&control))
}

/// POST /control/clock: from the next invocation on, functions are so many seconds ahead; 0 is the time of this machine.
pub async fn set(State(control): State<Control>, headers: HeaderMap, body: Bytes) -> Result<Response, Failure> {
    let wanted: Option<Setting> = match is_form(&headers, &body) {
        true => {
            let text = std::str::from_utf8(&body).unwrap_or_default();
            let seconds = text.strip_prefix("offsetSeconds=").and_then(|seconds| seconds.parse().ok());
            seconds.map(|offset_seconds| Setting { offset_seconds })
        }
        false => serde_json::from_slice(&body).ok(),
    };
    let wanted = wanted.ok_or_else(|| Failure::bad_request("send {\"offsetSeconds\": <whole number>}".to_owned()))?;
    if !control.running.invoker.tells_time() && wanted.offset_seconds != 0 {
        let message =
            "functions that `cargo lambda watch` runs have the time of this machine: start `cargo dev` without it";
        return Err(Failure::bad_request(message.to_owned()));
    }
    control.running.invoker.set_clock_offset_seconds(wanted.offset_seconds);
    Ok(done(&headers, &body, "The clock is set", setting(&control)))
}

fn setting(control: &Control) -> Value {
    json!({ "offsetSeconds": control.running.invoker.clock_offset_seconds() })
}
