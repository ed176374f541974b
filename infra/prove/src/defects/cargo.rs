//! Building tests and running them, with their limits in time.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use super::copy::Copy;
use super::list::Selection;

/// The package whose tests are one program of that name; all others have theirs beside the code.
const OF_THE_WHOLE: (&str, &str) = ("souk-tests", "it");
const BUILD_AT_MOST: Duration = Duration::from_secs(1800);
const TESTS_AT_MOST: Duration = Duration::from_secs(900);

/// What a run of tests came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub passed: usize,
    /// By name, with the package before it.
    pub failed: Vec<String>,
}

/// Why there is no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoOutcome(pub String);

/// Builds the packages' tests and runs those that the filters choose. What failed is run again: only what fails twice
/// has failed.
pub async fn test(copy: &Copy, tests: &Selection) -> Result<Outcome, NoOutcome> {
    let mut all = Outcome::default();
    for (package, filters) in tests {
        let program = build(copy, package).await?;
        let first = program.run(filters, &[]).await?;
        let outcome = match first.failed.is_empty() {
            true => first,
            false => {
                program.run(&first.failed, &["--exact"]).await.map(|again| Outcome { passed: first.passed, ..again })?
            }
        };
        all.passed += outcome.passed;
        all.failed.extend(outcome.failed.into_iter().map(|name| format!("{package} {name}")));
    }
    Ok(all)
}

/// A built test program.
struct Program {
    executable: PathBuf,
    /// Its package's folder, where cargo would run it.
    folder: PathBuf,
}

async fn build(copy: &Copy, package: &str) -> Result<Program, NoOutcome> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--quiet", "--locked", "--no-run", "--message-format=json-render-diagnostics", "-p", package]);
    // Asked for alone, a library would have third-party code built anew with just the features that it needs.
    cargo.args(["-p", OF_THE_WHOLE.0]);
    match package == OF_THE_WHOLE.0 {
        true => cargo.args(["--test", OF_THE_WHOLE.1]),
        false => cargo.arg("--lib"),
    };
    // What cargo tells the program that it runs, us, is of no concern to the cargo that we run.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(&copy.source).env("CARGO_TARGET_DIR", &copy.target).env("CARGO_INCREMENTAL", "1");
    // A defect leaves variables unused; that is no news.
    cargo.env("CARGO_TERM_COLOR", "never").stdout(Stdio::piped()).stderr(Stdio::piped());
    let (said, complaint) = within(BUILD_AT_MOST, cargo, "the build").await?;
    executable(&said).ok_or_else(|| NoOutcome(format!("{package} does not build: {}", first_error(&complaint))))
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
}

/// The last executable of cargo's messages: with one target asked for, it is the one.
fn executable(messages: &str) -> Option<Program> {
    let read = |line: &str| serde_json::from_str::<Message>(line).ok();
    let program = |message: Message| {
        let folder = message.manifest_path.as_deref().and_then(Path::parent)?.to_owned();
        Some(Program { executable: message.executable?, folder })
    };
    messages.lines().filter_map(read).filter_map(program).next_back()
}

fn first_error(complaint: &str) -> String {
    complaint.lines().find(|line| line.starts_with("error")).unwrap_or("no reason given").to_owned()
}

impl Program {
    async fn run(&self, filters: &[String], options: &[&str]) -> Result<Outcome, NoOutcome> {
        let mut tests = Command::new(&self.executable);
        tests.args(options).args(filters).current_dir(&self.folder).env("RUST_BACKTRACE", "0");
        tests.env("CARGO_MANIFEST_DIR", &self.folder).stdout(Stdio::piped()).stderr(Stdio::null());
        let (said, _) = within(TESTS_AT_MOST, tests, "the tests").await?;
        outcome(&said).ok_or_else(|| NoOutcome("the test program died".to_owned()))
    }
}

/// What libtest says at the end. Lines of single tests are not looked at: programs write into the midst of them.
fn outcome(said: &str) -> Option<Outcome> {
    let lines: Vec<&str> = said.lines().collect();
    let result = lines.iter().rposition(|line| line.starts_with("test result: "))?;
    let passed = lines[result].split_once(" passed;")?.0.rsplit(' ').next()?.parse().ok()?;
    let failures = lines[..result].iter().rposition(|line| *line == "failures:");
    let names = failures.map_or(&[][..], |at| &lines[at + 1..result]);
    let failed = names.iter().filter_map(|line| line.strip_prefix("    ")).map(str::to_owned).collect();
    Some(Outcome { passed, failed })
}

async fn within(limit: Duration, mut command: Command, what: &str) -> Result<(String, String), NoOutcome> {
    let finished = tokio::time::timeout(limit, command.kill_on_drop(true).output()).await;
    let finished = finished.map_err(|_| NoOutcome(format!("{what} took longer than {} s", limit.as_secs())))?;
    let output = finished.map_err(|error| NoOutcome(format!("{what} cannot be started: {error}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(&output.stdout), text(&output.stderr)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_those_that_libtest_lists_at_the_end() {
        let said = "\nrunning 3 tests\ntest a::one ... {\"_aws\":{}}\nok\ntest a::two ... FAILED\n\nfailures:\n\n\
                    ---- a::two stdout ----\n    not a name\n\n\nfailures:\n    a::two\n    b::three\n\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.10s\n\n";
        let failed = vec!["a::two".to_owned(), "b::three".to_owned()];
        assert_eq!(outcome(said), Some(Outcome { passed: 1, failed }));
        let fine = "running 12 tests\ntest result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(outcome(fine), Some(Outcome { passed: 12, failed: Vec::new() }));
        assert_eq!(outcome("running 2 tests\ntest a::one ... "), None, "it died");
    }

    #[test]
    fn the_program_is_the_last_executable_that_cargo_names() {
        let messages = "{\"reason\":\"compiler-artifact\",\"manifest_path\":\"/w/domain/Cargo.toml\",\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"manifest_path\":\"/w/tests/Cargo.toml\",\"executable\":\"/t/it-1\"}\n\
                        {\"reason\":\"build-finished\",\"success\":true}\n";
        let program = executable(messages).unwrap();
        assert_eq!((program.executable, program.folder), ("/t/it-1".into(), "/w/tests".into()));
        assert!(executable("{\"reason\":\"build-finished\",\"success\":false}\n").is_none());
    }
}
