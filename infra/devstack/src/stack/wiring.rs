//! From what is known to what runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use runtime::{DEFAULT_MAX_INSTANCES, FunctionSpec, Runtime};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::demo::Demo;
use super::folder::DataFolder;
use super::quiet::StreamSourceName;
use super::{Running, Stack, Urls, environment, faults, rebuild};
use crate::StackError;
use crate::cloud::Cloud;
use crate::control::Control;
use crate::control::hooks::Hooks;
use crate::door::Door;
use crate::functions::cargo_lambda::{self, CargoLambda, Watch};
use crate::functions::installed::Installed;
use crate::functions::invoker::Invoker;
use crate::invocations::InvocationLog;
use crate::options::{Build, Options};
use crate::process::children::{Child, ChildrenFile};
use crate::process::ports;
use crate::process::stop::{StopSwitch, Stopping};
use crate::sources::position::Positions;
use crate::sources::{self, KnownSchedule, Surroundings};
use crate::template::Template;

/// What `cargo lambda` needs for a function that we have built before.
const LINK_TIME: Duration = Duration::from_secs(60);
/// What it needs for one that nobody has.
const BUILD_TIME: Duration = Duration::from_secs(600);
const LIST_CHILDREN: Duration = Duration::from_secs(1);

/// Everything that is known before anything runs.
pub struct Wiring {
    pub options: Options,
    pub folder: DataFolder,
    pub urls: Urls,
    pub template: Template,
    pub cloud: Arc<Cloud>,
    /// Empty when it is not us who run the functions.
    pub binaries: BTreeMap<String, PathBuf>,
}

/// What calls functions, and what of it is ours to end.
struct Callee {
    invoker: Invoker,
    runtime: Option<Runtime>,
    cargo_lambda: Option<CargoLambda>,
    hint: Option<String>,
}

impl Wiring {
    /// Starts everything.
    pub async fn finish(
        self,
        door: TcpListener,
        control: TcpListener,
        invoke: TcpListener,
    ) -> Result<Stack, StackError> {
        let (switch, stopping) = StopSwitch::new();
        let mut tasks = JoinSet::new();
        let mut installed = Installed::new(&self.folder.path)?;
        installed.install(&self.binaries)?;
        let callee = self.callee(invoke, &installed).await?;
        let (invoker, log) = (Arc::new(callee.invoker), Arc::new(InvocationLog::default()));
        let common = environment::common(&self.template.functions, &self.cloud);
        let demo = Demo::open(&self.folder.path, self.options.seed.clone(), common).await?;
        faults::begin(&self.cloud, callee.runtime.as_ref(), self.options.faults.as_ref(), &self.folder.path)?;
        let path = self.folder.path.join("positions.json");
        let positions = Positions::load(&path).map_err(|error| StackError::io("read", &path, error))?;
        let surroundings = Surroundings {
            cloud: self.cloud.clone(),
            invoker: invoker.clone(),
            log: log.clone(),
            positions: Arc::new(positions),
            failing: Arc::default(),
            stopping: stopping.clone(),
        };
        let running = Arc::new(Running {
            cloud: self.cloud.clone(),
            log: log.clone(),
            demo,
            tables: self.template.tables.iter().map(|table| table.name.clone()).collect(),
            invoker: invoker.clone(),
            hooks: Hooks::default(),
            schedules: KnownSchedule::all(&self.template.functions, &surroundings),
            positions: surroundings.positions.clone(),
            streams: StreamSourceName::all(&self.template.functions),
            runtime: callee.runtime,
            functions: self.template.functions.iter().map(|function| function.binary.clone()).collect(),
        });
        let port = ports::port_of(&door)?;
        let sources = sources::start(&self.template.functions, &surroundings);
        let gateway = Arc::new(Door::new(&self.template.functions, invoker, log, port));
        tasks.spawn(gateway.serve(door, stopping.clone()));
        tasks.spawn(Control::new(running.clone(), self.urls.clone()).serve(control, stopping.clone()));
        let listed = callee.cargo_lambda.as_ref().and_then(CargoLambda::listed);
        let file = ChildrenFile::new(&self.folder.path);
        tasks.spawn(list_children(file, running.clone(), listed, installed.folder(), stopping.clone()));
        if let (Build::Cargo { profile }, true) = (&self.options.build, self.options.watch) {
            let root = self.options.root.clone();
            tasks.spawn(rebuild::run(root, profile.clone(), installed, running.clone(), stopping));
        }
        let Wiring { urls, folder, .. } = self;
        Ok(Stack {
            urls,
            running,
            switch,
            tasks,
            sources,
            cargo_lambda: callee.cargo_lambda,
            hint: callee.hint,
            folder,
        })
    }

    async fn callee(&self, listener: TcpListener, installed: &Installed) -> Result<Callee, StackError> {
        let env_file = self.folder.path.join("functions.env");
        let port = ports::port_of(&listener)?;
        match &self.options.build {
            Build::Cargo { .. } | Build::Prebuilt(_) => {
                let runtime = self.own_runtime(installed).await?;
                let serving = runtime.clone();
                // It ends with the runtime, which is the last to stop.
                tokio::spawn(async move {
                    if let Err(error) = serving.serve_invoke_api(listener).await {
                        tracing::error!(%error, "the Invoke API is not served");
                    }
                });
                Ok(Callee {
                    invoker: Invoker::own(runtime.clone()),
                    runtime: Some(runtime),
                    cargo_lambda: None,
                    hint: None,
                })
            }
            Build::LambdaWatch { profile } => {
                self.write_env_file(&env_file)?;
                // It binds the port itself; until then nobody else was to take it.
                drop(listener);
                let (root, data_dir, log) = (&self.options.root, &self.folder.path, self.options.log.clone());
                let watch = Watch { root, data_dir, port, profile, env_file: &env_file, log };
                let cargo_lambda = Some(CargoLambda::start(watch).await?);
                Ok(Callee {
                    invoker: Invoker::foreign(&self.urls.invoke, LINK_TIME),
                    runtime: None,
                    cargo_lambda,
                    hint: None,
                })
            }
            Build::CloudOnly { invoke_url } => {
                self.write_env_file(&env_file)?;
                let command = cargo_lambda::command_line(port_in(invoke_url), &env_file);
                let hint = format!("The functions are yours to run:\n\n    {command}\n");
                Ok(Callee {
                    invoker: Invoker::foreign(invoke_url, BUILD_TIME),
                    runtime: None,
                    cargo_lambda: None,
                    hint: Some(hint),
                })
            }
        }
    }

    async fn own_runtime(&self, installed: &Installed) -> Result<Runtime, StackError> {
        let runtime = Runtime::start(self.options.log.clone()).await.map_err(|error| StackError::Listen {
            port: 0,
            purpose: "the Runtime API",
            source: error,
        })?;
        for function in &self.template.functions {
            runtime.register(FunctionSpec {
                name: function.binary.clone(),
                binary: installed.path(&function.binary),
                env: environment::of(function, &self.cloud),
                timeout: function.timeout,
                memory_mb: function.memory_mb,
                max_instances: DEFAULT_MAX_INSTANCES,
            });
        }
        Ok(runtime)
    }

    fn write_env_file(&self, path: &Path) -> Result<(), StackError> {
        let environments = self.template.functions.iter().map(|function| environment::shareable(function, &self.cloud));
        let left_out = cargo_lambda::write_env_file(path, environments)?;
        if !left_out.is_empty() {
            let names: Vec<&str> = left_out.iter().map(String::as_str).collect();
            tracing::warn!(
                "`cargo lambda` knows one environment for all functions, which cannot hold {}",
                names.join(", ")
            );
        }
        Ok(())
    }
}

fn port_in(url: &str) -> u16 {
    url.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(80)
}

/// Keeps the list of children for the sweep of the next start.
async fn list_children(
    mut file: ChildrenFile,
    running: Arc<Running>,
    cargo_lambda: Option<Child>,
    binaries: PathBuf,
    mut stopping: Stopping,
) {
    let mark = binaries.display().to_string();
    loop {
        let pids = running.runtime.as_ref().map(Runtime::pids).unwrap_or_default();
        let functions = pids.into_iter().map(|pid| Child { pid, mark: mark.clone(), leads_group: true });
        let mut children: Vec<Child> = functions.chain(cargo_lambda.clone()).collect();
        children.sort_by_key(|child| child.pid);
        file.keep(children);
        tokio::select! {
            () = tokio::time::sleep(LIST_CHILDREN) => {}
            () = stopping.stopped() => return,
        }
    }
}
