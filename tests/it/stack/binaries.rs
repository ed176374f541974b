//! The binaries under test. Cargo tells a test only where those of its own package are, so they are built here, once per
//! test process and as `cargo dev` builds them: what one has compiled, the other need not.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use devstack::functions::cargo_build;

/// The folder of template.yaml.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folder that holds the binaries of all functions.
pub fn functions() -> PathBuf {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build(&["--bins"]));
    built.as_ref().unwrap_or_else(|errors| panic!("{errors}"));
    profile_folder()
}

/// The program behind `cargo dev`.
pub fn devstack() -> PathBuf {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build(&["--package", "devstack", "--bin", "devstack"]));
    built.as_ref().unwrap_or_else(|errors| panic!("{errors}"));
    profile_folder().join("devstack")
}

/// The names of all functions: one folder, one function, one binary.
pub fn names() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("functions")).unwrap().map(|entry| entry.unwrap());
    let functions = folders.filter(|folder| folder.path().join("Cargo.toml").is_file());
    let mut names: Vec<String> = functions.map(|folder| folder.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What does not build, does not build for any test: the errors are kept.
fn build(what: &[&str]) -> Result<(), String> {
    let folder = profile_folder();
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(named) => named,
        None => panic!("{} is no folder of cargo's", folder.display()),
    };
    let mut cargo = cargo_build::cargo(&root());
    let command = cargo.as_std_mut();
    command.arg("build").args(what).args(["--profile", profile, "--target-dir"]).arg(folder.parent().unwrap());
    let built = command.output().unwrap();
    match built.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&built.stderr).into_owned()),
    }
}

/// Where this test itself was built: `target/debug/deps/it-…` lies two below.
fn profile_folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().to_owned()
}
