//! A local cloud with real function processes, inside this process.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use devstack::cloud::faults::Faults;
use devstack::{Options, Seed, Stack, Urls};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::setting::Setting;

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How the functions are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binaries {
    Debug,
    Release,
}

/// Whether the demo accounts are there at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    None,
    Demo,
}

/// A local cloud on free ports with a folder of its own. [`Ground::end`] ends it in order; dropping it ends it at once.
pub struct Ground {
    pub stack: Stack,
    // Last: the folder goes after what works in it.
    _folder: tempfile::TempDir,
}

impl Ground {
    /// Starts one; the first of a run builds the functions. What functions complain of goes to `functions.log` in the
    /// folder of reports.
    ///
    /// # Errors
    /// The functions do not build or the stack does not start, in words.
    pub async fn start(setting: &Setting, binaries: Binaries, accounts: Accounts) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let seed: Seed = Arc::new(|environment| Box::pin(devstack::seed::seed(environment)));
        let options = Options {
            log: complaints(&setting.out.join("functions.log"))?,
            seed: (accounts == Accounts::Demo).then_some(seed),
            ..Options::prebuilt(&setting.root, folder.path(), built(setting, binaries).await?)
        };
        let stack = Stack::start(options).await.map_err(|error| error.to_string())?;
        Ok(Ground { stack, _folder: folder })
    }

    /// Where everything is.
    pub fn urls(&self) -> &Urls {
        &self.stack.urls
    }

    /// For clients of the AWS parts: as an operator reaches them, not a function, so that no fault meets them.
    pub fn aws(&self) -> SdkConfig {
        let credentials = Credentials::new("local", "local", None, None, "local");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(devstack::template::REGION))
            .endpoint_url(&self.stack.urls.cloud)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build()
    }

    /// What goes wrong in calls to AWS, and when.
    pub fn faults(&self) -> &Faults {
        self.stack.cloud().faults()
    }

    /// Waits until every queue is empty, every stream read to its end and no invocation runs.
    ///
    /// # Errors
    /// It was not so within that time: what was under way then.
    pub async fn quiet(&self, within: Duration) -> Result<(), String> {
        let deadline = Instant::now() + within;
        loop {
            match self.stack.under_way().await.map_err(|error| error.to_string())? {
                None => return Ok(()),
                Some(what) if Instant::now() >= deadline => {
                    return Err(format!("not quiet after {} s: {what}", within.as_secs()));
                }
                Some(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Ends functions and cloud; their data goes.
    pub async fn end(self) {
        self.stack.shutdown().await;
    }
}

impl Binaries {
    /// Cargo's profile, and the folder that it writes to.
    fn profile(self) -> (&'static str, &'static str) {
        match self {
            Binaries::Debug => ("dev", "debug"),
            Binaries::Release => ("release", "release"),
        }
    }
}

/// The folder of the functions' binaries, built once in a run.
async fn built(setting: &Setting, binaries: Binaries) -> Result<PathBuf, String> {
    static DEBUG: OnceCell<PathBuf> = OnceCell::const_new();
    static RELEASE: OnceCell<PathBuf> = OnceCell::const_new();
    let once = match binaries {
        Binaries::Debug => &DEBUG,
        Binaries::Release => &RELEASE,
    };
    once.get_or_try_init(|| build(&setting.root, binaries)).await.cloned()
}

async fn build(root: &Path, binaries: Binaries) -> Result<PathBuf, String> {
    let (profile, folder) = binaries.profile();
    println!("building the functions ({profile})");
    let mut cargo = devstack::functions::cargo_build::cargo(root);
    // By the default members: exactly the binaries that are functions.
    cargo.args(["build", "--quiet", "--bins", "--profile", profile]).kill_on_drop(true);
    let status = cargo.status().await.map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("the functions do not build".to_owned());
    }
    // We are a binary of the same workspace, so lie beside that folder, wherever the user has put it.
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    // A test of ours lies one deeper, among the dependencies.
    let beside = own.ancestors().skip(1).find(|place| !place.ends_with("deps"));
    let target = beside.and_then(Path::parent).ok_or("there is no folder of artefacts")?;
    Ok(target.join(folder))
}

/// Keeps what is no ordinary line: errors, and what is not of our log (a panic's words).
fn complaints(path: &Path) -> Result<runtime::LogSink, String> {
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let file = Mutex::new(opened.map_err(|error| format!("{}: {error}", path.display()))?);
    Ok(Arc::new(move |function, line| {
        if is_complaint(line) {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A full disk must not fail what is being shown.
            let _ = writeln!(file, "{function:>14} | {line}");
        }
    }))
}

fn is_complaint(line: &str) -> bool {
    !line.starts_with('{') || line.contains("\"level\":\"error\"")
}
