//! What all parts share: the functions, the living instances, and the signal to stop.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{mpsc, watch};

use crate::{FunctionSpec, InvokeError, LogSink, instance, job::Job, pool::Pool, process, runtime_api::Call};

/// One registered function.
pub(crate) struct Function {
    pub(crate) name: String,
    pool: Mutex<Pool>,
}

impl Function {
    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }
}

/// A living instance: whose it is, its process, as soon as there is one, and how that one's requests to the Runtime API
/// find it.
struct Living {
    function: String,
    pid: Option<u32>,
    calls: mpsc::Sender<Call>,
}

pub(crate) struct Plane {
    address: SocketAddr,
    pub(crate) log: LogSink,
    functions: Mutex<HashMap<String, Arc<Function>>>,
    /// By token, the first part of the path of an instance's Runtime API.
    living: Mutex<HashMap<String, Living>>,
    stop: watch::Sender<bool>,
    /// Instances that have not ended yet; those without a process count as well.
    instances: watch::Sender<usize>,
}

impl Plane {
    pub(crate) fn new(address: SocketAddr, log: LogSink) -> Plane {
        Plane {
            address,
            log,
            functions: Mutex::default(),
            living: Mutex::default(),
            stop: watch::Sender::new(false),
            instances: watch::Sender::new(0),
        }
    }

    pub(crate) fn function(&self, name: &str) -> Option<Arc<Function>> {
        lock(&self.functions).get(name).cloned()
    }

    pub(crate) fn register(self: &Arc<Self>, spec: FunctionSpec) {
        let known = {
            let mut functions = lock(&self.functions);
            let known = functions.get(&spec.name).cloned();
            if known.is_none() {
                let function = Function { name: spec.name.clone(), pool: Mutex::new(Pool::new(spec.clone())) };
                functions.insert(spec.name.clone(), Arc::new(function));
            }
            known
        };
        if let Some(function) = known {
            function.pool().replace(Arc::new(spec));
            self.launch(&function);
        }
    }

    pub(crate) fn restart(self: &Arc<Self>, name: &str) {
        if let Some(function) = self.function(name) {
            function.pool().restart();
            self.launch(&function);
        }
    }

    pub(crate) fn submit(self: &Arc<Self>, name: &str, job: Job) -> Result<(), InvokeError> {
        let function = self.function(name).ok_or_else(|| InvokeError::UnknownFunction(name.to_owned()))?;
        if self.is_stopped() {
            return Err(InvokeError::Stopped);
        }
        function.pool().submit(job)?;
        self.launch(&function);
        Ok(())
    }

    /// Starts the instances that the pool wants; to be called after each change of it.
    pub(crate) fn launch(self: &Arc<Self>, function: &Arc<Function>) {
        let starts = function.pool().starts();
        for start in starts {
            self.instances.send_modify(|count| *count += 1);
            let (plane, function) = (self.clone(), function.clone());
            tokio::spawn(async move {
                instance::run(&plane, &function, start).await;
                plane.instances.send_modify(|count| *count -= 1);
            });
        }
    }

    /// The value of AWS_LAMBDA_RUNTIME_API for one instance: its token is a path below the one port.
    pub(crate) fn runtime_api(&self, token: &str) -> String {
        format!("http://{}/{token}", self.address)
    }

    pub(crate) fn enter(&self, token: &str, function: &str, calls: mpsc::Sender<Call>) {
        let living = Living { function: function.to_owned(), pid: None, calls };
        lock(&self.living).insert(token.to_owned(), living);
    }

    pub(crate) fn name_pid(&self, token: &str, pid: Option<u32>) {
        if let Some(living) = lock(&self.living).get_mut(token) {
            living.pid = pid;
        }
    }

    pub(crate) fn leave(&self, token: &str) {
        lock(&self.living).remove(token);
    }

    pub(crate) fn calls_of(&self, token: &str) -> Option<mpsc::Sender<Call>> {
        lock(&self.living).get(token).map(|living| living.calls.clone())
    }

    pub(crate) fn pids(&self) -> Vec<u32> {
        lock(&self.living).values().filter_map(|living| living.pid).collect()
    }

    /// Sends SIGKILL to the processes of a function, and to what these have started; answers how many there were. None
    /// of them runs any more when it returns; their instances notice and answer for them.
    pub(crate) fn kill(&self, name: &str) -> usize {
        // Under the lock: no instance forgets its process meanwhile, so the ids are still those of its processes.
        let living = lock(&self.living);
        let pids = living.values().filter(|living| living.function == name).filter_map(|living| living.pid);
        pids.filter(|pid| process::kill_group(*pid)).count()
    }

    /// Returns at once; the instances end on their own.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
        let functions: Vec<_> = lock(&self.functions).values().cloned().collect();
        for function in functions {
            let waiting = function.pool().close();
            waiting.into_iter().for_each(|job| job.answer(Err(InvokeError::Stopped)));
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    pub(crate) async fn stopped(&self) {
        // It fails only when the sender is gone, which `self` holds.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    pub(crate) async fn all_ended(&self) {
        let _ = self.instances.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// A panic of somebody who held the lock leaves these maps and queues whole, so they are used on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
