//! What can be chosen about a stack.

use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::cloud::faults::Plan;

/// What can be chosen about a stack.
#[derive(Clone)]
pub struct Options {
    /// The folder of template.yaml.
    pub root: PathBuf,
    /// Everything that stays between runs.
    pub data_dir: PathBuf,
    /// The front door's port; control and cloud take the two above. 0 takes free ones.
    pub port: u16,
    /// Forget the data of earlier runs first.
    pub fresh: bool,
    /// Binaries of the functions to start; all when empty.
    pub only: Vec<String>,
    pub build: Build,
    /// Build and replace functions whose sources change. Only with [`Build::Cargo`].
    pub watch: bool,
    /// Lines that functions write: the function and its line.
    pub log: runtime::LogSink,
    /// Writes the demo data, on empty tables only.
    pub seed: Option<Seed>,
    /// What goes wrong from when everything is up.
    pub faults: Option<Plan>,
}

/// Who builds and runs the functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// `cargo build --profile …`, run by our own runtime.
    Cargo { profile: String },
    /// Binaries that lie in this folder, run by our own runtime.
    Prebuilt(PathBuf),
    /// A `cargo lambda watch` of ours.
    LambdaWatch { profile: String },
    /// A `cargo lambda watch` of the user's, at this URL.
    CloudOnly { invoke_url: String },
}

/// Given the variables that lead an AWS SDK to the local cloud and name its resources, writes the demo data.
pub type Seed =
    Arc<dyn Fn(Vec<(String, String)>) -> BoxFuture<'static, Result<Vec<DemoAccount>, String>> + Send + Sync>;

/// Somebody to log in as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DemoAccount {
    pub email: String,
    pub password: String,
    pub roles: Vec<String>,
}

impl Options {
    /// For tests: binaries from `binaries`, free ports, no demo data, functions silent.
    pub fn prebuilt(root: impl Into<PathBuf>, data_dir: impl Into<PathBuf>, binaries: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            data_dir: data_dir.into(),
            port: 0,
            fresh: false,
            only: Vec::new(),
            build: Build::Prebuilt(binaries.into()),
            watch: false,
            log: Arc::new(|_, _| {}),
            seed: None,
            faults: None,
        }
    }
}
