//! A Lambda control plane in small: Invoke API, Runtime API and a pool of function processes, on 127.0.0.1 only.
//!
//! A request takes this way:
//!
//! ```text
//! Runtime::invoke / Invoke API -> pool (first come, first served) -> instance -> Runtime API -> function process
//! ```
//!
//! - `pool` decides, without I/O, who waits, who is served and when a process is to be started.
//! - `instance` holds one process from its start to its end, and is the only one that answers for it.
//! - `runtime_api` and `invoke_api` translate HTTP, and know no rules.
//!
//! What is not imitated: memory limits (the figure is only told to the function), retries of `Event` invocations,
//! versions and aliases, and freezing between invocations.

mod body;
mod connection;
mod environment;
mod error;
mod instance;
mod invoke_api;
mod job;
mod output;
mod plane;
mod pool;
mod process;
mod runtime_api;
mod spec;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;

pub use error::{InvokeError, Stage};
pub use spec::{DEFAULT_MAX_INSTANCES, FunctionSpec, LogSink};

use job::Job;
use plane::Plane;

/// Largest request and response payload of an invocation, in bytes: AWS Lambda's 6 MB.
pub const MAX_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;

/// Most invocations of one function that wait for an instance; more are refused with [`InvokeError::Throttled`].
pub const MAX_WAITING: usize = 1000;

/// A handle to a running control plane. Clones are cheap and mean the same plane, which ends with its last handle.
#[derive(Clone)]
pub struct Runtime {
    handle: Arc<Handle>,
}

/// Dropped with the last [`Runtime`]: instances hold the plane, but not this, so that they cannot keep it alive.
struct Handle(Arc<Plane>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Runtime {
    /// Starts the Runtime API on a free port of 127.0.0.1; `log` gets every line that a function writes and must not block.
    /// Errors: the port cannot be bound.
    pub async fn start(log: LogSink) -> std::io::Result<Runtime> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let plane = Arc::new(Plane::new(listener.local_addr()?, log));
        tokio::spawn(runtime_api::serve(plane.clone(), listener));
        Ok(Runtime { handle: Arc::new(Handle(plane)) })
    }

    /// Adds a function, or replaces the one of that name: instances of the old one finish their invocation and end.
    pub fn register(&self, spec: FunctionSpec) {
        self.plane().register(spec);
    }

    /// Gives a function fresh processes of the same binary, and forgets its failed starts. Unknown names are ignored.
    pub fn restart(&self, name: &str) {
        self.plane().restart(name);
    }

    /// Kills all processes of a function with SIGKILL, whatever they are doing, and answers how many there were. Their
    /// invocations end with [`InvokeError::Crashed`]; the next one starts a fresh process. Unknown names have none.
    pub fn kill(&self, name: &str) -> usize {
        self.plane().kill(name)
    }

    /// The same as a function of its own, which does not keep the plane running.
    pub fn killer(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let plane = Arc::downgrade(self.plane());
        move |name| {
            if let Some(plane) = plane.upgrade() {
                plane.kill(name);
            }
        }
    }

    /// Runs one invocation and answers the function's payload; waits for a free instance as long as that takes.
    /// An empty payload is `{}`, as on AWS. Dropping the future gives up the place in the queue, but does not stop a running invocation.
    /// Errors: see [`InvokeError`].
    pub async fn invoke(
        &self,
        name: &str,
        payload: Bytes,
        client_context: Option<Value>,
    ) -> Result<Bytes, InvokeError> {
        let (job, answer) = Job::new(payload, client_context.as_ref(), None)?;
        self.plane().submit(name, job)?;
        answer.await.unwrap_or(Err(InvokeError::Stopped))
    }

    /// Serves the Lambda Invoke API until [`Runtime::shutdown`].
    /// Errors: the listener is not on a loopback address.
    pub async fn serve_invoke_api(&self, listener: TcpListener) -> std::io::Result<()> {
        invoke_api::serve(self.clone(), listener).await
    }

    /// Process ids of all instances that live now.
    pub fn pids(&self) -> Vec<u32> {
        self.plane().pids()
    }

    /// Kills all instances and answers everybody who waits with [`InvokeError::Stopped`]; no process is left when it returns.
    pub async fn shutdown(&self) {
        self.plane().stop();
        self.plane().all_ended().await;
    }

    pub(crate) fn plane(&self) -> &Arc<Plane> {
        &self.handle.0
    }
}
