//! One instance: a process from its start to its end, with one invocation at a time.
//!
//! ```text
//! Init --next--> Idle --job--> Busy --response, error--> Returning --next--> Idle …
//! ```
//!
//! An instance that does not return in a moment lingers, until it does or its invocation's deadline ends it.
//!
//! Everything that happens to an instance is an event of one task, so that no two places can answer for it.

mod phase;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use crate::{
    InvokeError, Stage,
    job::Job,
    plane::{Function, Plane},
    pool::Start,
    process::Process,
    runtime_api::{Call, Delivery},
};
use phase::{End, Event, Phase};

/// The init phase may last this long, or as long as an invocation if that is longer; AWS gives 10 s as well.
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// A process that has answered asks for more within a millisecond or so; a job waits this long for it before it has another one started.
const RETURN_LIMIT: Duration = Duration::from_millis(200);
/// A process talks to us one request at a time; the rest is room for one that does not.
const CALLS_IN_FLIGHT: usize = 8;

struct Instance<'a> {
    plane: &'a Arc<Plane>,
    function: &'a Arc<Function>,
    start: Start,
    process: Process,
    calls: mpsc::Receiver<Call>,
    phase: Phase,
}

/// Starts a process when its time has come, and stays with it until it is gone.
pub(crate) async fn run(plane: &Arc<Plane>, function: &Arc<Function>, mut start: Start) {
    if let Some(not_before) = start.not_before {
        tokio::select! {
            () = sleep_until(not_before) => {}
            _ = start.retired.wait_for(|retired| *retired) => {}
            () = plane.stopped() => {}
        }
    }
    if plane.is_stopped() || *start.retired.borrow() {
        return;
    }
    let token = Uuid::new_v4().simple().to_string();
    let (sender, calls) = mpsc::channel(CALLS_IN_FLIGHT);
    // Before there is a process: it may ask for work before we have got its pid.
    plane.enter(&token, &function.name, sender);
    let process = Process::spawn(&start.spec, &plane.runtime_api(&token), &token, &plane.log).await;
    let process = match process {
        Ok(process) => process,
        Err(error) => {
            plane.leave(&token);
            let reason = format!("{} cannot be started: {error}", start.spec.binary.display());
            return fail_init(plane, function, &start, reason, Vec::new());
        }
    };
    plane.name_pid(&token, process.pid());
    let deadline = Instant::now() + INIT_LIMIT.max(start.spec.timeout);
    let mut instance = Instance { plane, function, start, process, calls, phase: Phase::Init { deadline } };
    let end = instance.live().await;
    instance.bury(&token, end).await;
}

/// The process never got as far as to ask for work.
fn fail_init(plane: &Arc<Plane>, function: &Arc<Function>, start: &Start, reason: String, stderr: Vec<String>) {
    tracing::warn!(function = function.name, reason, "an instance could not start");
    let hopeless = function.pool().init_failed(start.generation, Instant::now());
    let crash = InvokeError::Crashed { function: function.name.clone(), stage: Stage::Init, reason, stderr };
    hopeless.into_iter().for_each(|job| job.answer(Err(crash.clone())));
    plane.launch(function);
}

impl Instance<'_> {
    async fn live(&mut self) -> End {
        loop {
            let event = self.event().await;
            if let Some(end) = self.handle(event) {
                return end;
            }
        }
    }

    async fn event(&mut self) -> Event {
        let deadline = self.phase.deadline();
        let may_retire = matches!(self.phase, Phase::Init { .. } | Phase::Idle { .. });
        tokio::select! {
            // What a process said counts, even if it died right after; and a dead process gets no job.
            biased;
            Some(call) = self.calls.recv() => Event::Call(call),
            reason = self.process.exited() => Event::Exited(reason),
            () = self.plane.stopped() => Event::Retired,
            _ = self.start.retired.wait_for(|retired| *retired), if may_retire => Event::Retired,
            job = self.phase.job() => Event::Job(job),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Event::Deadline,
        }
    }

    fn handle(&mut self, event: Event) -> Option<End> {
        match event {
            Event::Call(Call::Next(reply)) => self.on_next(reply),
            Event::Call(Call::Outcome { id, outcome, accepted }) => {
                // The function may be gone before it hears of it.
                let _ = accepted.send(self.on_outcome(&id, outcome.map_err(InvokeError::FunctionError)));
                None
            }
            Event::Call(Call::InitError { error, accepted }) => {
                let in_time = matches!(self.phase, Phase::Init { .. });
                let _ = accepted.send(in_time);
                in_time.then(|| End::Died(init_error_text(&error)))
            }
            Event::Exited(reason) => Some(End::Died(format!("the process ended with {reason}"))),
            Event::Job(Some(job)) => self.on_job(job),
            Event::Job(None) | Event::Retired => Some(End::Retired),
            Event::Deadline => self.on_deadline(),
        }
    }

    fn on_next(&mut self, reply: oneshot::Sender<Delivery>) -> Option<End> {
        if let Phase::Idle { reply: old_reply, .. } = &mut self.phase {
            *old_reply = reply;
            return None;
        }
        let generation = self.start.generation;
        let before = std::mem::replace(&mut self.phase, Phase::Lingering { deadline: Instant::now() });
        let jobs = {
            let mut pool = self.function.pool();
            match before {
                Phase::Init { .. } => pool.init_succeeded(generation),
                Phase::Returning { .. } => pool.return_ends(generation),
                Phase::Busy { job, .. } => job.answer(Err(InvokeError::FunctionError(no_response()))),
                Phase::Idle { .. } | Phase::Lingering { .. } => {}
            }
            pool.sit_down(generation)
        };
        self.plane.launch(self.function);
        let Some(jobs) = jobs else { return Some(End::Retired) };
        self.phase = Phase::Idle { jobs, reply };
        None
    }

    fn on_job(&mut self, job: Job) -> Option<End> {
        let timeout = self.start.spec.timeout;
        let delivery = Delivery::now(&job, &self.start.spec);
        let busy = Phase::Busy { job, deadline: Instant::now() + timeout };
        if let Phase::Idle { reply, .. } = std::mem::replace(&mut self.phase, busy)
            && reply.send(delivery).is_err()
        {
            // Its connection is gone, so the process is going: the job has not begun and keeps its turn.
            let deadline = Instant::now();
            if let Phase::Busy { job, .. } = std::mem::replace(&mut self.phase, Phase::Lingering { deadline }) {
                self.function.pool().give_back(job);
            }
            return Some(End::Retired);
        }
        None
    }

    fn on_outcome(&mut self, id: &str, outcome: Result<bytes::Bytes, InvokeError>) -> bool {
        let Phase::Busy { job, deadline } = &self.phase else { return false };
        if job.id != id {
            return false;
        }
        let returning = Phase::Returning { until: Instant::now() + RETURN_LIMIT, deadline: *deadline };
        // Before the answer: the caller may ask again at once.
        self.function.pool().return_begins(self.start.generation);
        if let Phase::Busy { job, .. } = std::mem::replace(&mut self.phase, returning) {
            job.answer(outcome);
        }
        true
    }

    fn on_deadline(&mut self) -> Option<End> {
        let Phase::Returning { deadline, .. } = self.phase else { return Some(End::TimedOut) };
        self.phase = Phase::Lingering { deadline };
        self.function.pool().return_ends(self.start.generation);
        self.plane.launch(self.function);
        None
    }

    /// Ends the process, answers what is open, and lets the pool know.
    async fn bury(self, token: &str, end: End) {
        if let Phase::Returning { .. } = self.phase {
            self.function.pool().return_ends(self.start.generation);
        }
        let Instance { plane, function, start, process, phase, .. } = self;
        let in_init = matches!(phase, Phase::Init { .. });
        let name = &function.name;
        // Before its process is killed: the caller has waited long enough.
        let phase = match (phase, &end) {
            (Phase::Busy { job, deadline }, End::TimedOut) => {
                job.answer(Err(InvokeError::TimedOut { function: name.clone(), after: start.spec.timeout }));
                Phase::Lingering { deadline }
            }
            (phase, _) => phase,
        };
        let stderr = process.end().await;
        plane.leave(token);
        match phase {
            Phase::Busy { job, .. } => job.answer(Err(match end {
                End::Died(reason) => {
                    InvokeError::Crashed { function: name.clone(), stage: Stage::Invoke, reason, stderr }
                }
                _ => InvokeError::Stopped,
            })),
            Phase::Idle { mut jobs, .. } => {
                jobs.close();
                if let Ok(job) = jobs.try_recv() {
                    function.pool().give_back(job);
                }
            }
            Phase::Init { .. } => match end {
                End::Died(reason) => fail_init(plane, function, &start, reason, stderr),
                End::TimedOut => {
                    fail_init(plane, function, &start, "the init phase took too long".to_owned(), stderr);
                }
                End::Retired => {}
            },
            Phase::Returning { .. } | Phase::Lingering { .. } => {}
        }
        if !in_init {
            function.pool().ended(start.generation);
            plane.launch(function);
        }
    }
}

fn init_error_text(error: &Value) -> String {
    let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    format!("init failed: {}: {}", part("errorType"), part("errorMessage"))
}

fn no_response() -> Value {
    json!({ "errorType": "Runtime.NoResponse", "errorMessage": "The function asked for more work without an answer." })
}
