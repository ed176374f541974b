//! Parts that measure need optimised code: in the full form they run in a child process that is built like that, and hand
//! their findings back. In the short form they run here, with functions as they are built for debugging.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use devstack::functions::cargo_build::cargo;
use tokio::process::Command;

use crate::finding::Finding;
use crate::ground::Binaries;
use crate::parts::Ran;
use crate::setting::Setting;

/// Cargo's profile for the prover itself: optimised, without the two slow minutes of linking.
const PROFILE: &str = "fast";

/// Runs the part `name`, whose work is `inner`, wherever it belongs.
///
/// # Errors
/// Those of `inner`; the prover does not build, or its child fails.
pub async fn run(
    setting: &Setting,
    name: &str,
    inner: for<'a> fn(&'a Setting, Binaries) -> Ran<'a>,
) -> Result<Vec<Finding>, String> {
    match (setting.short, &setting.child) {
        (true, _) => inner(setting, Binaries::Debug).await,
        (false, Some(_)) => inner(setting, Binaries::Release).await,
        (false, None) => in_child(setting, name).await,
    }
}

/// Hands findings over to the parent.
///
/// # Errors
/// The file cannot be written.
pub fn hand_over(found: &[Finding], path: &Path) -> Result<(), String> {
    let text = serde_json::to_vec(found).map_err(|error| error.to_string())?;
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

async fn in_child(setting: &Setting, name: &str) -> Result<Vec<Finding>, String> {
    let program = build(&setting.root).await?;
    let handed = setting.out.join(format!("{name}.json"));
    let mut child = Command::new(&program);
    child.current_dir(&setting.root).stdin(Stdio::null()).kill_on_drop(true);
    child.args(["--seed", &setting.seed.to_string(), "--only", name, "--child"]).arg(&handed);
    let status = child.status().await.map_err(|error| format!("{}: {error}", program.display()))?;
    if !status.success() {
        return Err(format!("the optimised prover ended with {status}"));
    }
    let text = std::fs::read(&handed).map_err(|error| format!("{}: {error}", handed.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", handed.display()))
}

/// The path of the optimised prover.
async fn build(root: &Path) -> Result<PathBuf, String> {
    println!("building the prover ({PROFILE})");
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--profile", PROFILE, "--package", "prove", "--bin", "prove"]);
    let status = build.kill_on_drop(true).status().await.map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("the prover does not build".to_owned());
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = own.parent().and_then(Path::parent).ok_or("there is no folder of artefacts")?;
    Ok(target.join(PROFILE).join("prove"))
}
