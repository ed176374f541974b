//! A plane with the probe as its function.

use std::{
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use runtime::{FunctionSpec, InvokeError, Runtime};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};

pub fn probe() -> FunctionSpec {
    FunctionSpec {
        name: "probe".to_owned(),
        binary: PathBuf::from(env!("CARGO_BIN_EXE_runtime-probe")),
        env: Vec::new(),
        timeout: Duration::from_secs(30),
        memory_mb: 256,
        max_instances: runtime::DEFAULT_MAX_INSTANCES,
    }
}

pub fn probe_with(env: &[(&str, &str)]) -> FunctionSpec {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    FunctionSpec { env, ..probe() }
}

pub async fn plane_of(spec: FunctionSpec) -> Runtime {
    let plane = Runtime::start(Arc::new(|_, _| {})).await.unwrap();
    plane.register(spec);
    plane
}

/// A plane that keeps what its functions write.
pub async fn noisy_plane() -> (Runtime, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let log = move |function: &str, line: &str| kept.lock().unwrap().push(format!("{function}: {line}"));
    let plane = Runtime::start(Arc::new(log)).await.unwrap();
    plane.register(probe());
    (plane, lines)
}

pub async fn ask(plane: &Runtime, event: Value) -> Result<Value, InvokeError> {
    let answer = plane.invoke("probe", Bytes::from(event.to_string()), None).await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

pub async fn echo(plane: &Runtime, value: impl Into<Value>) -> Result<Value, InvokeError> {
    let answer = ask(plane, json!({ "do": "echo", "value": value.into() })).await?;
    Ok(answer["answer"].clone())
}

pub fn pid_of(answer: &Value) -> u32 {
    answer["pid"].as_u64().unwrap().try_into().unwrap()
}

/// False for a process that is dead and only not waited for, as orphans in a container stay.
pub fn is_alive(pid: u32) -> bool {
    let known = test_kill_process(rustix_pid(pid)).is_ok();
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    known && !state.rsplit(')').next().unwrap_or_default().starts_with(" Z")
}

pub fn kill_9(pid: u32) {
    // It may have ended on its own.
    let _ = kill_process(rustix_pid(pid), Signal::KILL);
}

fn rustix_pid(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().unwrap()).unwrap()
}

/// Waits up to ten seconds for something to become true.
pub async fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is_true() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// No answer within a minute is the one thing that must never happen.
pub async fn answered<T>(pending: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), pending).await.expect("a caller without an answer")
}
