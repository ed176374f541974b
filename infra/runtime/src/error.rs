//! Why an invocation gave no answer.

use std::time::Duration;

use serde_json::{Value, json};

/// When a process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before it first asked for an invocation.
    Init,
    /// While it worked on an invocation.
    Invoke,
}

/// Why an invocation gave no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// No function of this name is registered.
    #[error("no function {0:?}")]
    UnknownFunction(String),
    /// The payload is larger than [`crate::MAX_PAYLOAD_BYTES`].
    #[error("payload of more than {} bytes", crate::MAX_PAYLOAD_BYTES)]
    TooLarge,
    /// The payload is not JSON; the text says where.
    #[error("payload is not JSON: {0}")]
    InvalidPayload(String),
    /// [`crate::MAX_WAITING`] invocations wait already, or the function may have no instances.
    #[error("too many invocations wait")]
    Throttled,
    /// The function did not answer before its deadline and was killed.
    #[error("function {function:?} timed out after {:.2} seconds", after.as_secs_f64())]
    TimedOut { function: String, after: Duration },
    /// The process ended instead of answering; `stderr` holds its last lines, oldest first.
    #[error("function {function:?} crashed ({stage:?}): {reason}{}", last_lines(stderr))]
    Crashed { function: String, stage: Stage, reason: String, stderr: Vec<String> },
    /// The function answered with an error: `errorType` and `errorMessage`, as it sent them.
    #[error("function error: {0}")]
    FunctionError(Value),
    /// The control plane is shutting down.
    #[error("the control plane is shutting down")]
    Stopped,
}

fn last_lines(stderr: &[String]) -> String {
    stderr.iter().map(|line| format!("\n  {line}")).collect()
}

impl InvokeError {
    /// The error document of a failed function as AWS words it; `None` when the invocation never reached the function.
    pub fn function_error(&self) -> Option<Value> {
        match self {
            InvokeError::FunctionError(error) => Some(error.clone()),
            InvokeError::TimedOut { after, .. } => Some(json!({
                "errorType": "Sandbox.Timedout",
                "errorMessage": format!("Task timed out after {:.2} seconds", after.as_secs_f64()),
            })),
            InvokeError::Crashed { stage, reason, stderr, .. } => Some(json!({
                "errorType": if *stage == Stage::Init { "Runtime.InitError" } else { "Runtime.ExitError" },
                "errorMessage": format!("{reason}{}", last_lines(stderr)),
            })),
            _ => None,
        }
    }
}
