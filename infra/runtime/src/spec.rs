//! What a function is.

use std::{path::PathBuf, sync::Arc, time::Duration};

/// Instances a function may have when nobody says otherwise.
pub const DEFAULT_MAX_INSTANCES: usize = 8;

/// Receives each line that a function writes to stdout or stderr: function name, line without its end. Must not block.
pub type LogSink = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// One function: what to run and within which limits.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Name in the Invoke API.
    pub name: String,
    /// Executable that speaks the Lambda Runtime API.
    pub binary: PathBuf,
    /// Environment on top of Lambda's own; the reserved names (`AWS_LAMBDA_*`, `_HANDLER`, …) cannot be overridden.
    pub env: Vec<(String, String)>,
    /// Longest time one invocation may take once an instance has it.
    pub timeout: Duration,
    /// Told to the function in MB, not enforced.
    pub memory_mb: u32,
    /// Most processes at a time; with 0 every invocation is throttled, as with a reserved concurrency of 0.
    pub max_instances: usize,
}
