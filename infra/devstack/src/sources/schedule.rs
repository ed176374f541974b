//! Schedule -> Lambda: by the clock of this machine, and by hand.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Surroundings, Target, short_name};
use crate::cloud::CloudError;
use crate::functions::invoker::CallFailure;
use crate::template::{Function, Schedule};

/// How long a run by hand waits for what it put on its queue: longer than a message takes that keeps failing.
const HANDLED_LIMIT: Duration = Duration::from_secs(45);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A schedule and the function that it invokes.
pub struct KnownSchedule {
    /// Without project and stage.
    pub name: String,
    pub expression: String,
    input: Value,
    target: Target,
    /// The queues that its function takes, too: what a run finds goes through them.
    queues: Vec<String>,
}

/// Why a run by hand has no result.
#[derive(Debug, thiserror::Error)]
pub enum RunFailure {
    #[error("the function {0}")]
    Call(#[from] CallFailure),
    #[error("the function answered what is not JSON")]
    Answer,
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

/// Works until the stack stops. A run that fails is not repeated: the next one is the repetition.
pub async fn run(schedule: Schedule, mut target: Target) {
    let event = schedule.input.clone().unwrap_or_else(|| json!({})).to_string();
    while let Some(pause) = schedule.timing.pause(Timestamp::now()) {
        if !target.pause(pause).await {
            return;
        }
        // Its failure is in the log.
        let _ = target.invoke(event.clone().into()).await;
    }
}

impl KnownSchedule {
    /// The schedules of these functions.
    pub fn all(functions: &[Function], surroundings: &Surroundings) -> Vec<KnownSchedule> {
        let of = |function: &Function| -> Vec<KnownSchedule> {
            let known = function.schedules.iter().map(|schedule| KnownSchedule {
                name: short_name(&schedule.name).to_owned(),
                expression: schedule.expression.clone(),
                input: schedule.input.clone().unwrap_or_else(|| json!({})),
                target: Target::new(function, format!("schedule {} by hand", short_name(&schedule.name)), surroundings),
                queues: function.queue_sources.iter().map(|source| source.queue.clone()).collect(),
            });
            known.collect()
        };
        functions.iter().flat_map(of).collect()
    }

    /// Runs it now, with `event` in place of its own. Where its function takes a queue as well, that is seen to the end:
    /// `failed` tells how much of it ended as dead letters, in all and in the part of the result that the first word of
    /// a message's `kind` names.
    pub async fn run(&self, event: Option<Value>) -> Result<Value, RunFailure> {
        let failing = &self.target.surroundings.failing;
        self.queues.iter().for_each(|queue| failing.forget(queue));
        let event = event.unwrap_or_else(|| self.input.clone()).to_string();
        let answer = self.target.invoke(Bytes::from(event)).await?;
        let mut result: Value = serde_json::from_slice(&answer).map_err(|_| RunFailure::Answer)?;
        if self.queues.is_empty() {
            return Ok(result);
        }
        self.all_handled().await?;
        let failed: Vec<String> = self.queues.iter().flat_map(|queue| failing.of(queue)).collect();
        let groups: Vec<String> = failed.iter().map(|body| group(body)).collect();
        if let Some(parts) = result.as_object_mut() {
            for (name, part) in parts.iter_mut().filter(|(_, part)| part.is_object()) {
                part["failed"] = groups.iter().filter(|group| *group == name).count().into();
            }
            parts.insert("failed".to_owned(), failed.len().into());
        }
        Ok(result)
    }

    async fn all_handled(&self) -> Result<(), CloudError> {
        let deadline = Instant::now() + HANDLED_LIMIT;
        loop {
            let depths = self.target.surroundings.cloud.queues().await?;
            let mut ours = depths.iter().filter(|depth| self.queues.contains(&depth.name));
            if ours.all(|depth| depth.visible + depth.delayed + depth.in_flight == 0) || Instant::now() >= deadline {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// `identity` of `{"kind":"identity.mail-resend",…}`.
fn group(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let kind = body["kind"].as_str().unwrap_or_default();
    kind.split('.').next().unwrap_or_default().to_owned()
}
