//! One operating system process of a function.

use std::{
    io::{Error, ErrorKind},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    FunctionSpec, LogSink, environment,
    output::{Tail, read_lines},
};

/// How long a dead process may keep us waiting for its last words; a grandchild could hold its pipes open for ever.
const LAST_WORDS: Duration = Duration::from_millis(200);

pub(crate) struct Process {
    child: Child,
    tail: Tail,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Errors: the binary is missing or cannot be executed.
    pub(crate) async fn spawn(
        spec: &Arc<FunctionSpec>,
        runtime_api: &str,
        stream: &str,
        log: &LogSink,
    ) -> std::io::Result<Process> {
        let mut child = spawn_child(spec, runtime_api, stream).await?;
        let tail = Tail::default();
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            let (spec, log) = (spec.clone(), log.clone());
            readers.push(tokio::spawn(async move { read_lines(stdout, |line| log(&spec.name, line)).await }));
        }
        if let Some(stderr) = child.stderr.take() {
            let (spec, log, tail) = (spec.clone(), log.clone(), tail.clone());
            let sink = move |line: &str| {
                tail.push(line);
                log(&spec.name, line);
            };
            readers.push(tokio::spawn(async move { read_lines(stderr, sink).await }));
        }
        Ok(Process { child, tail, readers })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for the process to end on its own, and says how it did. May be dropped and called again.
    pub(crate) async fn exited(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => format!("its end could not be observed: {error}"),
        }
    }

    /// Kills the process if it still lives, waits until it is gone, and answers its last lines on stderr.
    pub(crate) async fn end(mut self) -> Vec<String> {
        // Without an id it has been waited for already.
        if self.child.id().is_some()
            && let Err(error) = self.child.kill().await
        {
            tracing::warn!(%error, "a function process could not be killed");
        }
        for mut reader in self.readers {
            if timeout(LAST_WORDS, &mut reader).await.is_err() {
                reader.abort();
            }
        }
        self.tail.lines()
    }
}

/// Kills a process and its group, which it leads. Answers whether it was there.
pub(crate) fn kill_group(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| kill_process_group(pid, Signal::KILL).is_ok())
}

async fn spawn_child(spec: &FunctionSpec, runtime_api: &str, stream: &str) -> std::io::Result<Child> {
    // Absolute, because the process starts in the folder of the binary, as Lambda does.
    let binary = std::path::absolute(&spec.binary)?;
    let task_root = binary.parent().ok_or_else(|| Error::from(ErrorKind::NotFound))?;
    let mut command = Command::new(&binary);
    command
        .env_clear()
        .envs(environment::of(spec, task_root, runtime_api, stream))
        .current_dir(task_root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Out of the terminal's group: Ctrl-C is for the one who started us, and we end the functions in order.
        .process_group(0)
        .kill_on_drop(true);
    let mut attempts = 0;
    loop {
        match command.spawn() {
            // A freshly written binary is busy for the moment that another forking thread still has it open for writing.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && attempts < 20 => {
                attempts += 1;
                sleep(Duration::from_millis(10)).await;
            }
            spawned => return spawned,
        }
    }
}
