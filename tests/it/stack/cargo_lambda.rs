//! A `cargo lambda watch` of the developer's own.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use devstack::functions::cargo_build;
use devstack::functions::cargo_lambda::find_or_fetch;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::sync::OnceCell;

use super::binaries::{self, root};

/// Runs in a group of its own, which ends with it: it starts others.
pub struct CargoLambda(Child);

impl CargoLambda {
    /// Runs a command line as a developer would who copied it.
    pub fn run(line: &str, path: &OsStr) -> Self {
        // Cargo's own variables of this test would make it build everything anew.
        let mut clean = cargo_build::cargo(&root());
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec {line}")]).current_dir(root()).process_group(0);
        for (name, value) in clean.as_std_mut().get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("PATH", path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        CargoLambda(command.spawn().unwrap())
    }
}

impl Drop for CargoLambda {
    fn drop(&mut self) {
        let group = Pid::from_raw(self.0.id().try_into().unwrap()).unwrap();
        // It may have ended already.
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

/// What PATH has to be to have it, installed or fetched; nothing, and why, where it is neither.
pub async fn search_path() -> Option<OsString> {
    // Once: two that fetch it into one place would be in each other's way.
    static FOUND: OnceCell<Result<PathBuf, String>> = OnceCell::const_new();
    let place = binaries::functions().join("cargo-lambda");
    let find = async || find_or_fetch(&place).await.map_err(|error| error.to_string());
    let program = match FOUND.get_or_init(find).await {
        Ok(program) => program,
        Err(error) => {
            println!("skipped: cargo-lambda is neither installed nor to be fetched: {error}");
            return None;
        }
    };
    let known = std::env::var_os("PATH").unwrap_or_default();
    let fetched = program.parent().filter(|folder| folder.is_absolute()).map(Path::to_owned);
    Some(std::env::join_paths(fetched.into_iter().chain(std::env::split_paths(&known))).unwrap())
}
