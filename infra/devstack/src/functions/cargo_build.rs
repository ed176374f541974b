//! `cargo build` of the functions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::StackError;

/// Builds binaries of the workspace at `root`; cargo shows its progress and errors on our stderr. Answers where each
/// executable is.
///
/// # Errors
/// Cargo cannot be started, or the build fails.
pub async fn build(root: &Path, profile: &str, binaries: &[String]) -> Result<BTreeMap<String, PathBuf>, StackError> {
    let mut command = cargo(root);
    command.args(["build", "--message-format=json-render-diagnostics", "--profile", profile]);
    for binary in binaries {
        command.args(["--bin", binary]);
    }
    // Whoever stops waiting stops the build.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut cargo = command.spawn().map_err(StackError::Cargo)?;
    let mut executables = BTreeMap::new();
    if let Some(stdout) = cargo.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await.map_err(StackError::Cargo)? {
            executables.extend(executable(&line));
        }
    }
    let status = cargo.wait().await.map_err(StackError::Cargo)?;
    if !status.success() {
        return Err(StackError::BuildFailed);
    }
    executables.retain(|name, _| binaries.contains(name));
    match binaries.iter().find(|binary| !executables.contains_key(*binary)) {
        Some(missing) => Err(StackError::NoBinary { binary: missing.clone(), place: root.to_owned() }),
        None => Ok(executables),
    }
}

/// Cargo as if called by hand: what an outer `cargo run` told us about our own package would otherwise reach the
/// build scripts of the functions, and build them anew each time the two differ.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        if name.starts_with("CARGO_PKG_") || ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name) {
            command.env_remove(name);
        }
    }
    command
}

fn executable(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_binary = message["target"]["kind"].as_array()?.iter().any(|kind| kind == "bin");
    if message["reason"] != "compiler-artifact" || !is_binary {
        return None;
    }
    Some((message["target"]["name"].as_str()?.to_owned(), message["executable"].as_str()?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_found_among_the_messages() {
        let binary = r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"auth"},"executable":"/t/auth"}"#;
        assert_eq!(executable(binary), Some(("auth".into(), "/t/auth".into())));
        let library = r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"auth"},"executable":null}"#;
        assert_eq!(executable(library), None);
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(executable("warning: no JSON"), None);
    }
}
