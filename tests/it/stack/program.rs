//! `cargo dev` itself, as a process of its own.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use devstack::Urls;

use super::binaries;
use super::processes::{interrupt, kill_9};
use super::visitor::Visitor;
use super::waiting::until;

/// Ready within this time, even where functions are built and cargo's lock is held by others.
const READY_LIMIT: Duration = Duration::from_secs(600);
const END_LIMIT: Duration = Duration::from_secs(20);

/// A running program, until it is dropped.
pub struct Program {
    child: Child,
    pub urls: Urls,
    pub visitor: Visitor,
    pub output: Output,
}

/// What it has written so far, errors included.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<String>>);

impl Output {
    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    /// Reads until the program ends: a pipe that nobody empties would stop it.
    fn follow(&self, stream: impl Read + Send + 'static) -> Receiver<String> {
        let (lines, heard) = channel();
        let output = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                *output.0.lock().unwrap() += &format!("{line}\n");
                // Nobody listens any more once it is ready.
                let _ = lines.send(line);
            }
        });
        heard
    }
}

/// The command with its data in a folder of its own, told what to do by `arguments`.
pub fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binaries::devstack());
    command.arg("--data").arg(data).args(arguments).current_dir(binaries::root());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The same, running the functions that are built already.
pub fn prebuilt(data: &Path, port: u16) -> Command {
    let (port, functions) = (port.to_string(), binaries::functions());
    command(data, &["--port", &port, "--binaries", functions.to_str().unwrap()])
}

/// Starts it and waits until it says that everything is up.
pub async fn start(mut command: Command) -> Program {
    let mut child = command.spawn().unwrap();
    let output = Output::default();
    output.follow(child.stderr.take().unwrap());
    let lines = output.follow(child.stdout.take().unwrap());
    let mut program = Guard(Some(child));
    let ready = until("cargo dev is ready", READY_LIMIT, async || {
        let line = lines.try_iter().find_map(|line| line.strip_prefix("devstack ready ").map(str::to_owned));
        let ended = program.0.as_mut().unwrap().try_wait().unwrap();
        assert!(ended.is_none() || line.is_some(), "it ended with {ended:?}:\n{}", output.text());
        line
    })
    .await;
    let urls: Urls = serde_json::from_str(&ready).unwrap();
    let visitor = Visitor::new(&urls.api, &urls.control);
    Program { child: program.0.take().unwrap(), urls, visitor, output }
}

/// Lets no program live that never became ready.
struct Guard(Option<Child>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(end);
    }
}

/// In order, if it can: it may have started others that would outlive it.
fn end(child: &mut Child) {
    if let Ok(None) = child.try_wait() {
        interrupt(child.id());
    }
    let begun = Instant::now();
    while let Ok(None) = child.try_wait() {
        if begun.elapsed() > END_LIMIT {
            // It may have ended just now.
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Program {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits for it to take effect.
    pub fn kill_9(&mut self) {
        kill_9(self.pid());
        self.child.wait().unwrap();
    }

    /// Waits for it to end by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        until("cargo dev ends", Duration::from_secs(30), async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("cargo dev, {:?}, wrote:\n{}", self.child.try_wait(), self.output.text());
        }
        end(&mut self.child);
    }
}
