//! One line per request or message. It is JSON, and at the same time the CloudWatch embedded metric document, so that
//! figures need no second call: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use domain::Time;
use http::Extensions;
use serde_json::{Value, json};

/// Who turned out to be calling; filled in by the extractor that finds out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Principal(Arc<OnceLock<String>>);

impl Principal {
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// Tells the log who is calling.
pub(crate) fn note_principal(extensions: &Extensions, id: String) {
    if let Some(principal) = extensions.get::<Principal>() {
        let _ = principal.0.set(id);
    }
}

/// What the line of a request says. Never passwords, tokens, keys, secrets, bodies or full addresses.
pub(crate) struct RequestLine<'a> {
    pub now: Time,
    pub function: &'a str,
    pub request_id: &'a str,
    pub method: &'a str,
    pub route: &'a str,
    pub status: u16,
    pub micros: u64,
    pub principal: Option<&'a str>,
    pub cold_start: bool,
    pub cause: Option<&'a str>,
}

impl RequestLine<'_> {
    pub fn write(&self) {
        let mut line = json!({
            "_aws": metrics(self.now, &[("latency", "Milliseconds"), ("requests", "Count"), ("errors", "Count")]),
            "level": if self.status >= 500 { "error" } else { "info" },
            "function": self.function,
            "requestId": self.request_id,
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "latency": milliseconds(self.micros),
            "requests": 1,
            "errors": u8::from(self.status >= 500),
            "coldStart": self.cold_start,
        });
        insert(&mut line, "principal", self.principal);
        insert(&mut line, "cause", self.cause);
        print(&line);
    }
}

/// What the line of a batch says.
pub(crate) struct BatchLine<'a> {
    pub now: Time,
    pub function: &'a str,
    pub messages: usize,
    pub failed: usize,
    pub micros: u64,
    pub cause: Option<&'a str>,
}

impl BatchLine<'_> {
    pub fn write(&self) {
        let mut line = json!({
            "_aws": metrics(self.now, &[("latency", "Milliseconds"), ("messages", "Count"), ("failures", "Count")]),
            "level": if self.failed > 0 { "error" } else { "info" },
            "function": self.function,
            "messages": self.messages,
            "failures": self.failed,
            "latency": milliseconds(self.micros),
        });
        insert(&mut line, "cause", self.cause);
        print(&line);
    }
}

/// A function that cannot start says why, on the line that people will look for.
pub(crate) fn start_failed(error: &dyn std::fmt::Display) {
    print(&json!({ "level": "error", "event": "start failed", "cause": error.to_string() }));
}

fn metrics(now: Time, figures: &[(&str, &str)]) -> Value {
    let figures: Vec<Value> = figures.iter().map(|(name, unit)| json!({ "Name": name, "Unit": unit })).collect();
    json!({
        "Timestamp": now.millis(),
        "CloudWatchMetrics": [{ "Namespace": "Souk", "Dimensions": [["function"]], "Metrics": figures }],
    })
}

/// Microseconds as milliseconds with three digits, for people and for CloudWatch.
fn milliseconds(micros: u64) -> Value {
    let text = format!("{}.{:03}", micros / 1000, micros % 1000);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn insert(line: &mut Value, name: &str, value: Option<&str>) {
    if let (Some(line), Some(value)) = (line.as_object_mut(), value) {
        line.insert(name.to_owned(), value.into());
    }
}

fn print(line: &Value) {
    // A log that cannot be written must not fail the request.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
