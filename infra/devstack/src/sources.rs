//! Event sources: what Lambda does between a stream, a queue or a schedule and a function.

mod failing;
mod failure_destination;
pub mod partial_batch;
mod pieces;
pub mod position;
mod queue;
pub mod retry_plan;
mod schedule;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::functions::invoker::{CallFailure, Invoker};
use crate::invocations::InvocationLog;
use crate::process::stop::Stopping;
use crate::template::Function;
use partial_batch::BatchOutcome;
use position::Positions;

pub use failing::Failing;
pub use schedule::{KnownSchedule, RunFailure};
pub use stream::position_name;

/// What every source works with.
#[derive(Clone)]
pub struct Surroundings {
    pub cloud: Arc<Cloud>,
    pub invoker: Arc<Invoker>,
    pub log: Arc<InvocationLog>,
    pub positions: Arc<Positions>,
    pub failing: Arc<Failing>,
    pub stopping: Stopping,
}

/// Starts the sources that the functions declare.
pub fn start(functions: &[Function], surroundings: &Surroundings) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for function in functions {
        for source in &function.stream_sources {
            let target = Target::new(function, format!("stream {}", short_name(&source.table)), surroundings);
            tasks.spawn(stream::run(source.clone(), target));
        }
        for source in &function.queue_sources {
            for _ in 0..source.max_concurrency.unwrap_or(queue::USUAL_CONCURRENCY) {
                let target = Target::new(function, format!("queue {}", short_name(&source.queue)), surroundings);
                tasks.spawn(queue::run(source.clone(), target));
            }
        }
        for schedule in &function.schedules {
            let target = Target::new(function, format!("schedule {}", short_name(&schedule.name)), surroundings);
            tasks.spawn(schedule::run(schedule.clone(), target));
        }
    }
    tasks
}

/// A table's or queue's name without project and stage, which are always the same here: `souk-local-mailer` is `mailer`.
pub fn short_name(name: &str) -> &str {
    name.strip_prefix("souk-local-").unwrap_or(name)
}

/// One source's function.
struct Target {
    function: String,
    timeout: Duration,
    trigger: String,
    surroundings: Surroundings,
}

/// How a delivery ended.
#[derive(Debug, PartialEq)]
enum Delivery {
    /// The function was reached; what failed, failed.
    Done(BatchOutcome),
    /// Nobody was there to take the batch, which is not the batch's fault.
    NotTaken,
}

impl Target {
    fn new(function: &Function, trigger: String, surroundings: &Surroundings) -> Self {
        let (function, timeout) = (function.binary.clone(), function.timeout);
        Self { function, timeout, trigger, surroundings: surroundings.clone() }
    }

    /// Hands a batch over. `identifiers` are those of its records, `None` when the function does not report item by item.
    async fn deliver<R: Serialize>(&self, records: &[R], identifiers: Option<&[&str]>) -> Delivery {
        let event = Bytes::from(json!({ "Records": records }).to_string());
        let running = self.surroundings.log.begin(&self.function, self.trigger.clone());
        let called = self.surroundings.invoker.call(&self.function, event, self.timeout).await;
        let (delivery, status) = match (&called, identifiers) {
            (Ok(answer), Some(identifiers)) => match partial_batch::read(answer, identifiers) {
                BatchOutcome::AllSucceeded => (Delivery::Done(BatchOutcome::AllSucceeded), "ok"),
                BatchOutcome::AllFailed => (Delivery::Done(BatchOutcome::AllFailed), "failed"),
                failed => (Delivery::Done(failed), "partial"),
            },
            (Ok(_), None) => (Delivery::Done(BatchOutcome::AllSucceeded), "ok"),
            (Err(CallFailure::TimedOut), _) => (Delivery::Done(BatchOutcome::AllFailed), "timeout"),
            (Err(CallFailure::Failed(_)), _) => (Delivery::Done(BatchOutcome::AllFailed), "failed"),
            (Err(CallFailure::Unavailable(_) | CallFailure::Throttled), _) => (Delivery::NotTaken, "not taken"),
        };
        if let Err(failure) = called {
            let (function, trigger, failure) = (&self.function, &self.trigger, failure.to_string());
            let cause = failure.lines().next().unwrap_or_default();
            tracing::warn!("{function} did not handle a batch of {trigger}: {cause}");
        }
        running.end(status);
        delivery
    }

    /// Hands an event over that is no batch.
    async fn invoke(&self, event: Bytes) -> Result<Bytes, CallFailure> {
        let running = self.surroundings.log.begin(&self.function, self.trigger.clone());
        let called = self.surroundings.invoker.call(&self.function, event, self.timeout).await;
        let status = match &called {
            Ok(_) => "ok",
            Err(CallFailure::TimedOut) => "timeout",
            Err(CallFailure::Failed(_)) => "failed",
            Err(CallFailure::Unavailable(_) | CallFailure::Throttled) => "not taken",
        };
        if let Err(failure) = &called {
            let (function, trigger, failure) = (&self.function, &self.trigger, failure.to_string());
            tracing::warn!("{function} failed on {trigger}: {}", failure.lines().next().unwrap_or_default());
        }
        running.end(status);
        called
    }

    /// Sleeps; answers whether the stack goes on.
    async fn pause(&mut self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.surroundings.stopping.stopped() => false,
        }
    }
}
