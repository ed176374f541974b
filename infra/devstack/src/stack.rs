//! One stack from start to end: everything wired together.

mod demo;
mod environment;
mod faults;
mod folder;
mod listeners;
mod quiet;
mod rebuild;
mod wiring;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use runtime::Runtime;
use tokio::task::JoinSet;

use crate::StackError;
use crate::cloud::{Cloud, CloudOptions};
use crate::control::hooks::Hooks;
use crate::functions::cargo_build;
use crate::functions::cargo_lambda::CargoLambda;
use crate::functions::invoker::Invoker;
use crate::invocations::InvocationLog;
use crate::options::{Build, DemoAccount, Options};
use crate::process::children::ChildrenFile;
use crate::process::stop::StopSwitch;
use crate::sources::KnownSchedule;
use crate::sources::position::Positions;
use crate::template::{Function, Template};
use demo::Demo;
use folder::DataFolder;
use listeners::Listeners;
use quiet::StreamSourceName;
use wiring::Wiring;

/// How long invocations of event sources may go on once the stack stops.
const DRAIN: Duration = Duration::from_secs(3);

/// A running local cloud with its functions. [`Stack::shutdown`] ends it in order; dropping it ends it at once.
pub struct Stack {
    pub urls: Urls,
    running: Arc<Running>,
    switch: StopSwitch,
    tasks: JoinSet<()>,
    sources: JoinSet<()>,
    cargo_lambda: Option<CargoLambda>,
    hint: Option<String>,
    // Last: whatever else goes, the folder is ours until then.
    folder: DataFolder,
}

/// Where everything is.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Urls {
    /// The HTTP API.
    pub api: String,
    /// The control port.
    pub control: String,
    /// DynamoDB, SQS, S3 and SES.
    pub cloud: String,
    /// The Lambda Invoke API.
    pub invoke: String,
}

/// What the control port and the rebuilder work on.
pub(crate) struct Running {
    pub cloud: Arc<Cloud>,
    pub log: Arc<InvocationLog>,
    pub demo: Demo,
    /// Full names.
    pub tables: Vec<String>,
    pub invoker: Arc<Invoker>,
    pub schedules: Vec<KnownSchedule>,
    /// What was sent to others and ended here.
    pub hooks: Hooks,
    positions: Arc<Positions>,
    streams: Vec<StreamSourceName>,
    runtime: Option<Runtime>,
    functions: Vec<String>,
}

impl Running {
    /// Empties everything, gives the functions fresh processes and the time of this machine, and writes the demo data
    /// again.
    pub async fn reset(&self) -> Result<(), StackError> {
        self.cloud.reset().await.map_err(|error| StackError::Cloud(error.to_string()))?;
        self.restart(&self.functions);
        self.log.clear();
        self.hooks.clear();
        self.invoker.set_clock_offset_seconds(0);
        self.demo.renew().await
    }

    fn restart(&self, binaries: &[String]) {
        if let Some(runtime) = &self.runtime {
            binaries.iter().for_each(|binary| runtime.restart(binary));
        }
    }
}

impl Stack {
    /// Starts a stack; with [`Build::Cargo`] the functions are built first.
    ///
    /// # Errors
    /// See [`StackError`].
    pub async fn start(options: Options) -> Result<Self, StackError> {
        let folder = DataFolder::take(&options.data_dir, options.fresh)?;
        ChildrenFile::new(&folder.path).sweep();
        let listeners = Listeners::open(options.port).await?;
        let urls = listeners.urls(&options.build)?;
        let keys = crate::keys::Keys::ensure(&folder.path)?;
        let context = environment::context(&urls, &keys);
        let mut template = Template::load(&options.root.join("template.yaml"), &context)?;
        template.functions = chosen(template.functions, &options.only)?;
        let binaries = binaries(&options, &template.functions).await?;
        let cloud_options = CloudOptions { data_dir: Some(folder.path.join("cloud")), listener: listeners.cloud };
        let cloud =
            Cloud::start(&template, cloud_options).await.map_err(|error| StackError::Cloud(error.to_string()))?;
        let wiring = Wiring { options, folder, urls, template, cloud: Arc::new(cloud), binaries };
        wiring.finish(listeners.door, listeners.control, listeners.invoke).await
    }

    /// The AWS parts, for looking behind the functions.
    pub fn cloud(&self) -> &Arc<Cloud> {
        &self.running.cloud
    }

    /// Process ids of the function processes that live now; none when a foreign runtime has them.
    pub fn pids(&self) -> Vec<u32> {
        self.running.runtime.as_ref().map(Runtime::pids).unwrap_or_default()
    }

    /// What ran lately.
    pub fn invocations(&self) -> &InvocationLog {
        &self.running.log
    }

    /// The accounts that the demo data holds.
    pub fn demo_accounts(&self) -> Vec<DemoAccount> {
        self.running.demo.accounts()
    }

    /// What is left for the user to do, if anything.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Ends everything in order: no new work, a moment for what is under way, then the processes, then the data.
    pub async fn shutdown(mut self) {
        self.switch.stop();
        let drained = async {
            while self.tasks.join_next().await.is_some() {}
            while self.sources.join_next().await.is_some() {}
        };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::debug!("invocations were cut off");
        }
        if let Some(runtime) = &self.running.runtime {
            runtime.shutdown().await;
        }
        if let Some(cargo_lambda) = self.cargo_lambda.take() {
            cargo_lambda.end().await;
        }
        self.tasks.shutdown().await;
        self.sources.shutdown().await;
        if let Err(error) = self.running.cloud.save().await {
            tracing::warn!(%error, "the data could not be tidied up; nothing is lost");
        }
        ChildrenFile::new(&self.folder.path).forget();
    }
}

/// All functions, or those asked for by binary.
fn chosen(functions: Vec<Function>, only: &[String]) -> Result<Vec<Function>, StackError> {
    let known = |name: &&String| functions.iter().any(|function| function.binary == **name);
    if let Some(unknown) = only.iter().find(|name| !known(name)) {
        let names: Vec<&str> = functions.iter().map(|function| function.binary.as_str()).collect();
        return Err(StackError::UnknownFunction { name: unknown.clone(), known: names.join(", ") });
    }
    Ok(functions.into_iter().filter(|function| only.is_empty() || only.contains(&function.binary)).collect())
}

/// The executables, where it is us who run them.
async fn binaries(options: &Options, functions: &[Function]) -> Result<BTreeMap<String, PathBuf>, StackError> {
    let names: Vec<String> = functions.iter().map(|function| function.binary.clone()).collect();
    match &options.build {
        Build::Cargo { profile } => cargo_build::build(&options.root, profile, &names).await,
        // Built all the same: its first calls find them ready, and errors show before it starts.
        Build::LambdaWatch { profile } => {
            cargo_build::build(&options.root, profile, &names).await.map(|_| BTreeMap::new())
        }
        Build::CloudOnly { .. } => Ok(BTreeMap::new()),
        Build::Prebuilt(folder) => {
            let path = |name: String| {
                let path = folder.join(&name);
                match path.is_file() {
                    true => Ok((name, path)),
                    false => Err(StackError::NoBinary { binary: name, place: folder.clone() }),
                }
            };
            names.into_iter().map(path).collect()
        }
    }
}
