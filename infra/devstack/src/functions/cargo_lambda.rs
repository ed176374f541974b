//! `cargo lambda watch` in the place of our own runtime: same Invoke API, hot reload, debugger.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use runtime::LogSink;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::StackError;
use crate::process::children;

/// The version that was tried; a prebuilt wheel.
const REQUIREMENT: &str = "cargo-lambda==1.9.2";
const NAME: &str = "cargo-lambda";
const START_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(5);

/// A running `cargo lambda watch`.
#[derive(Debug)]
pub struct CargoLambda {
    child: Child,
    mark: String,
}

/// What to tell it.
pub struct Watch<'a> {
    pub root: &'a Path,
    pub data_dir: &'a Path,
    pub port: u16,
    pub profile: &'a str,
    pub env_file: &'a Path,
    pub log: LogSink,
}

impl CargoLambda {
    /// Starts it, fetching it first when it is missing, and waits for its port.
    ///
    /// # Errors
    /// It cannot be found, fetched or started.
    pub async fn start(watch: Watch<'_>) -> Result<Self, StackError> {
        let program = find_or_fetch(watch.data_dir).await?;
        let arguments = arguments(watch.port, watch.profile, watch.env_file);
        let mark = arguments.join(" ");
        let mut child = Command::new(&program)
            .args(&arguments)
            .current_dir(watch.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own, so that the functions it starts can be ended with it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| StackError::CargoLambda(format!("{} cannot be started: {error}", program.display())))?;
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(hand_lines_on(stdout, watch.log.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(hand_lines_on(stderr, watch.log.clone()));
        }
        let mut started = Self { child, mark };
        started.wait_for_port(watch.port).await?;
        Ok(started)
    }

    /// What the sweep must know.
    pub fn listed(&self) -> Option<children::Child> {
        let pid = self.child.id()?;
        Some(children::Child { pid, mark: self.mark.clone(), leads_group: true })
    }

    pub async fn end(mut self) {
        children::end_group(&mut self.child, END_LIMIT).await;
    }

    async fn wait_for_port(&mut self, port: u16) -> Result<(), StackError> {
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(StackError::CargoLambda(format!("`watch` ended at once: {status}")));
            }
            if Instant::now() > deadline {
                return Err(StackError::CargoLambda(format!("`watch` does not listen on port {port}")));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

/// The arguments after the program `cargo-lambda`; after `cargo`, the same.
fn arguments(port: u16, profile: &str, env_file: &Path) -> Vec<String> {
    let (port, env_file) = (port.to_string(), env_file.display().to_string());
    let mut arguments =
        vec!["lambda", "watch", "-A", "127.0.0.1", "-P", &port, "--disable-cors", "--env-file", &env_file];
    if profile != "dev" {
        arguments.extend(["--profile", profile]);
    }
    arguments.into_iter().map(str::to_owned).collect()
}

/// The command for a `cargo lambda watch` of the user's own.
pub fn command_line(port: u16, env_file: &Path) -> String {
    let quoted =
        |argument: String| match argument.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_./:".contains(c)) {
            true => format!("'{}'", argument.replace('\'', r"'\''")),
            false => argument,
        };
    let arguments: Vec<String> = arguments(port, "dev", env_file).into_iter().map(quoted).collect();
    format!("cargo {}", arguments.join(" "))
}

/// The environment of all functions in one file, since `cargo lambda` knows only one. Answers the variables that it
/// cannot hold: those in which two functions differ, and those that cannot be written.
///
/// # Errors
/// The disk's.
pub fn write_env_file(
    path: &Path,
    environments: impl IntoIterator<Item = Vec<(String, String)>>,
) -> Result<BTreeSet<String>, StackError> {
    let mut joined: BTreeMap<String, String> = BTreeMap::new();
    let mut left_out = BTreeSet::new();
    for (name, value) in environments.into_iter().flatten() {
        if joined.get(&name).is_some_and(|known| *known != value) || quoted(&value).is_none() {
            left_out.insert(name);
        } else {
            joined.insert(name, value);
        }
    }
    joined.retain(|name, _| !left_out.contains(name));
    let line = |(name, value): (&String, &String)| quoted(value).map(|value| format!("{name}={value}\n"));
    let lines: String = joined.iter().filter_map(line).collect();
    std::fs::write(path, lines).map_err(|error| StackError::io("write", path, error))?;
    Ok(left_out)
}

/// As the env files of `cargo lambda` (crate `env-file-reader` 0.3) want text that is more than a word: in quotes of which
/// it holds none, for there is no escaping them. `None` when there is no way to write it.
fn quoted(value: &str) -> Option<String> {
    if !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@".contains(c)) {
        return Some(value.to_owned());
    }
    // It would come out as a line's end.
    if value.contains("\\n") {
        return None;
    }
    let quote = ['\'', '"', '`'].into_iter().find(|quote| !value.contains(*quote))?;
    Some(format!("{quote}{value}{quote}"))
}

/// The program: the installed one, or one that lies below `data_dir`, where it is put when it is missing.
///
/// # Errors
/// It is missing and cannot be fetched.
pub async fn find_or_fetch(data_dir: &Path) -> Result<PathBuf, StackError> {
    let tools = data_dir.join("tools");
    let fetched = tools.join("bin").join(NAME);
    for program in [PathBuf::from(NAME), fetched.clone()] {
        if runs(&program).await {
            return Ok(program);
        }
    }
    tracing::warn!("cargo-lambda is not installed; fetching {REQUIREMENT} into {}", tools.display());
    // Without its dependency, a whole Zig compiler for cross builds, which `watch` does not do.
    let status = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target"])
        .arg(&tools)
        .arg(REQUIREMENT)
        .status()
        .await
        .map_err(|error| StackError::CargoLambda(format!("python3 cannot be run to fetch it: {error}")))?;
    match status.success() && runs(&fetched).await {
        true => Ok(fetched),
        false => Err(StackError::CargoLambda(format!(
            "`pip install {REQUIREMENT}` failed; see https://www.cargo-lambda.info"
        ))),
    }
}

async fn runs(program: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(["lambda", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}

async fn hand_lines_on(stream: impl AsyncRead + Unpin, log: LogSink) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log(NAME, &line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_command_can_be_pasted() {
        assert_eq!(
            command_line(9010, Path::new("/a b/functions.env")),
            "cargo lambda watch -A 127.0.0.1 -P 9010 --disable-cors --env-file '/a b/functions.env'"
        );
    }

    #[test]
    fn what_the_common_file_cannot_hold_is_named() -> Result<(), Box<dyn std::error::Error>> {
        let path = std::env::temp_dir().join(format!("functions-{}.env", uuid::Uuid::now_v7()));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let one = vec![pair("A", "1"), pair("B", "x y"), pair("D", r#"{"it's":1}"#), pair("E", ""), pair("F", "'\"`")];
        let left_out = write_env_file(&path, [one, vec![pair("A", "2"), pair("C", "3")]])?;
        assert_eq!(left_out.into_iter().collect::<Vec<_>>(), ["A", "F"]);
        assert_eq!(std::fs::read_to_string(&path)?, "B='x y'\nC=3\nD=`{\"it's\":1}`\nE=''\n");
        Ok(std::fs::remove_file(path)?)
    }
}
