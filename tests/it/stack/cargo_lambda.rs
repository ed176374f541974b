//! A `cargo lambda watch` of the developer's own.

use std::process::{Child, Command, Stdio};

use devstack::functions::cargo_build;

use super::binaries::root;

/// Runs in a group of its own, which ends with it: it starts others.
pub struct CargoLambda(Child);

impl CargoLambda {
    /// Runs a command line as a developer would who copied it.
    pub fn run(line: &str) -> Self {
        use std::os::unix::process::CommandExt as _;
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
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        CargoLambda(command.spawn().unwrap())
    }
}

impl Drop for CargoLambda {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let group = Pid::from_raw(self.0.id().try_into().unwrap()).unwrap();
        // It may have ended already.
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Why it cannot be had here, if it cannot: neither installed nor to be fetched.
pub fn missing() -> Option<&'static str> {
    let succeeds = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let installed = succeeds("cargo", &["lambda", "--version"]);
    let fetchable =
        || succeeds("python3", &["-m", "pip", "download", "--no-deps", "-q", "-d", "/tmp", "cargo-lambda==1.9.2"]);
    (!installed && !fetchable()).then_some("cargo-lambda is not installed, and pip cannot fetch it")
}
