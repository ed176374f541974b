//! Whether what we depend on answers.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use blobs::Blobs;
use domain::Time;
use domain::event::Queue;
use queue::Queues;
use schemars::JsonSchema;
use serde::Serialize;
use store::Store;
use tokio::sync::Mutex;

/// A check that takes longer has failed: monitors give up after a few seconds, and must hear of it before.
const LONGEST: Duration = Duration::from_millis(1500);

/// How long findings are kept, so that a crowd of monitors costs no more than one.
const KEPT_MILLIS: i64 = 5000;

/// One check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    status: CheckStatus,
    /// Milliseconds until it answered, or until we stopped waiting.
    latency_ms: u64,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// It answered.
    Ok,
    /// It did not, or not in time.
    Failed,
}

/// All of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HealthChecks {
    database: HealthCheck,
    queues: HealthCheck,
    storage: HealthCheck,
}

/// What the checks found.
#[derive(Clone, Debug)]
pub struct Findings {
    /// For the caller.
    pub checks: HealthChecks,
    /// What failed and why, for the log; empty when all is well.
    pub causes: Vec<String>,
    at: Time,
}

/// What is checked, and what was found last in this process.
#[derive(Clone, Debug)]
pub struct Checks {
    pub(crate) store: Store,
    pub(crate) queues: Queues,
    pub(crate) blobs: Blobs,
    pub(crate) bucket: String,
    pub(crate) last: Arc<Mutex<Option<Findings>>>,
}

impl Checks {
    /// What was found last, or what is found now. Of several callers one checks, the others wait for it.
    pub async fn findings(&self, now: Time) -> Findings {
        let mut last = self.last.lock().await;
        let fresh = |findings: &&Findings| (0..KEPT_MILLIS).contains(&(now.millis() - findings.at.millis()));
        if let Some(findings) = last.as_ref().filter(fresh) {
            return findings.clone();
        }
        last.insert(self.check(now).await).clone()
    }

    async fn check(&self, now: Time) -> Findings {
        let (database, queues, storage) = tokio::join!(
            timed(self.store.probe()),
            timed(self.queues.probe(Queue::Mailer)),
            timed(self.blobs.probe(&self.bucket)),
        );
        let causes = [("database", database.1), ("queues", queues.1), ("storage", storage.1)];
        let causes = causes.into_iter().filter_map(|(name, cause)| Some(format!("{name}: {}", cause?)));
        let checks = HealthChecks { database: database.0, queues: queues.0, storage: storage.0 };
        Findings { checks, causes: causes.collect(), at: now }
    }
}

/// One check, and why it failed.
async fn timed<E: Display>(probe: impl Future<Output = Result<(), E>>) -> (HealthCheck, Option<String>) {
    let started = Instant::now();
    let cause = match tokio::time::timeout(LONGEST, probe).await {
        Ok(answer) => answer.err().map(|error| error.to_string()),
        Err(_) => Some("no answer in time".to_owned()),
    };
    let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = if cause.is_none() { CheckStatus::Ok } else { CheckStatus::Failed };
    (HealthCheck { status, latency_ms }, cause)
}
