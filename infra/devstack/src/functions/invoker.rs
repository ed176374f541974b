//! The one way to call a function, whoever runs it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use runtime::{InvokeError, Runtime};
use serde_json::{Value, json};

/// Over the function's own timeout: whoever runs it is to say first that it is over.
const GRACE: Duration = Duration::from_secs(2);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    /// The function took longer than it may.
    #[error("timed out")]
    TimedOut,
    /// Nobody runs this function now: left out by `--only`, or the foreign runtime is not there.
    #[error("not running: {0}")]
    Unavailable(String),
    /// More callers wait than may.
    #[error("too many wait")]
    Throttled,
    /// The function crashed or answered with an error.
    #[error("{0}")]
    Failed(String),
}

/// Calls functions by the name of their binary, and tells them how far their clock is to be ahead of the system's.
pub struct Invoker {
    backend: Backend,
    clock_offset_seconds: AtomicI64,
}

enum Backend {
    Own(Runtime),
    Foreign(Foreign),
}

/// A Lambda Invoke API over HTTP, as `cargo lambda watch` serves it.
struct Foreign {
    base_url: String,
    client: reqwest::Client,
    /// A foreign runtime builds a function at its first call: how much longer than usual that one may take.
    build_time: Duration,
    /// Functions that have answered once, so are built.
    built: Mutex<BTreeSet<String>>,
}

impl Invoker {
    pub fn own(runtime: Runtime) -> Self {
        Self { backend: Backend::Own(runtime), clock_offset_seconds: AtomicI64::new(0) }
    }

    /// `base_url` like `http://127.0.0.1:9010`; until a function has answered once, `build_time` is added to its timeout.
    pub fn foreign(base_url: &str, build_time: Duration) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self {
            backend: Backend::Foreign(Foreign {
                base_url,
                client: reqwest::Client::new(),
                build_time,
                built: Mutex::default(),
            }),
            clock_offset_seconds: AtomicI64::new(0),
        }
    }

    /// Moves the clock of functions, from their next invocation on.
    pub fn set_clock_offset_seconds(&self, seconds: i64) {
        self.clock_offset_seconds.store(seconds, Ordering::Relaxed);
    }

    /// Whether functions can be told the time. `cargo lambda watch` fails requests that have a client context.
    pub fn tells_time(&self) -> bool {
        matches!(self.backend, Backend::Own(_))
    }

    /// How far the clock of functions is ahead.
    pub fn clock_offset_seconds(&self) -> i64 {
        self.clock_offset_seconds.load(Ordering::Relaxed)
    }

    /// The function's answer to one event. `timeout` is the function's own.
    ///
    /// # Errors
    /// See [`CallFailure`].
    pub async fn call(&self, function: &str, event: Bytes, timeout: Duration) -> Result<Bytes, CallFailure> {
        let context = self.client_context();
        match &self.backend {
            Backend::Own(runtime) => runtime.invoke(function, event, context).await.map_err(CallFailure::from),
            Backend::Foreign(foreign) => foreign.call(function, event, timeout).await,
        }
    }

    /// What `entry` reads in stage `local`.
    fn client_context(&self) -> Option<Value> {
        match self.clock_offset_seconds() {
            0 => None,
            seconds => Some(json!({ "custom": { "clockOffsetSeconds": seconds.to_string() } })),
        }
    }
}

impl Foreign {
    async fn call(&self, function: &str, event: Bytes, timeout: Duration) -> Result<Bytes, CallFailure> {
        let build_time = if self.is_built(function) { Duration::ZERO } else { self.build_time };
        let limit = timeout + GRACE + build_time;
        match tokio::time::timeout(limit, self.post(function, event)).await {
            Ok(answer) => answer,
            Err(_) => Err(CallFailure::TimedOut),
        }
    }

    async fn post(&self, function: &str, event: Bytes) -> Result<Bytes, CallFailure> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.base_url);
        let unavailable = |error: reqwest::Error| CallFailure::Unavailable(error.without_url().to_string());
        let request = self.client.post(url).header("content-type", "application/json").body(event);
        let response = request.send().await.map_err(unavailable)?;
        let status = response.status();
        let failed = response.headers().contains_key("x-amz-function-error");
        let answer = response.bytes().await.map_err(unavailable)?;
        if failed || !status.is_success() {
            let text: String = String::from_utf8_lossy(&answer).chars().take(2_000).collect();
            return Err(match status.as_u16() {
                404 | 502 | 503 => CallFailure::Unavailable(text),
                429 => CallFailure::Throttled,
                _ => CallFailure::Failed(text),
            });
        }
        self.built.lock().unwrap_or_else(PoisonError::into_inner).insert(function.to_owned());
        Ok(answer)
    }

    fn is_built(&self, function: &str) -> bool {
        self.built.lock().unwrap_or_else(PoisonError::into_inner).contains(function)
    }
}

impl From<InvokeError> for CallFailure {
    fn from(error: InvokeError) -> Self {
        match error {
            InvokeError::TimedOut { .. } => Self::TimedOut,
            InvokeError::Throttled => Self::Throttled,
            InvokeError::UnknownFunction(name) => Self::Unavailable(format!("function {name} is not started")),
            InvokeError::Stopped => Self::Unavailable("the stack is shutting down".into()),
            other => Self::Failed(other.to_string()),
        }
    }
}
