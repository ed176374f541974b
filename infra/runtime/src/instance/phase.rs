//! The phases of an instance, what moves it between them, and how it ends.

use tokio::{sync::oneshot, time::Instant};

use crate::{
    job::Job,
    runtime_api::{Call, Delivery},
};

/// Where an instance is in its life.
pub(super) enum Phase {
    Init {
        deadline: Instant,
    },
    Idle {
        jobs: oneshot::Receiver<Job>,
        reply: oneshot::Sender<Delivery>,
    },
    Busy {
        job: Job,
        deadline: Instant,
    },
    /// The caller has its answer, and the process is about to ask for more.
    Returning {
        until: Instant,
        deadline: Instant,
    },
    /// It has not asked for more yet: it does something after its answer.
    Lingering {
        deadline: Instant,
    },
}

/// Why an instance ends.
#[derive(Debug)]
pub(super) enum End {
    /// It was told to.
    Retired,
    TimedOut,
    /// The process ended on its own, or cannot start: the reason.
    Died(String),
}

/// What can happen to an instance.
pub(super) enum Event {
    Call(Call),
    Exited(String),
    /// `None`: the pool wants this instance no more.
    Job(Option<Job>),
    Deadline,
    Retired,
}

impl Phase {
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Phase::Init { deadline } | Phase::Busy { deadline, .. } | Phase::Lingering { deadline } => Some(*deadline),
            Phase::Returning { until, .. } => Some(*until),
            Phase::Idle { .. } => None,
        }
    }

    /// The next job; never resolves while the instance is not idle.
    pub(super) async fn job(&mut self) -> Option<Job> {
        match self {
            Phase::Idle { jobs, .. } => jobs.await.ok(),
            _ => std::future::pending().await,
        }
    }
}
