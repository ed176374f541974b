//! Who waits, who is served, and when a process is to be started: the rules of one function, without I/O.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::{oneshot, watch},
    time::Instant,
};

use crate::{FunctionSpec, InvokeError, MAX_WAITING, job::Job};

/// Wait after the first failed start; doubles with each further one.
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
/// A broken binary is tried this often while somebody asks for it.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(5);

/// An order to start one instance.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) spec: Arc<FunctionSpec>,
    pub(crate) generation: u64,
    /// Becomes true when the function is replaced.
    pub(crate) retired: watch::Receiver<bool>,
    pub(crate) not_before: Option<Instant>,
}

/// The state of one function. Counts and seats are of the current generation only: instances of a replaced
/// spec finish on their own, and take no place from the new one.
pub(crate) struct Pool {
    spec: Arc<FunctionSpec>,
    generation: u64,
    retire: watch::Sender<bool>,
    waiting: VecDeque<Job>,
    /// Idle instances, the last used one last: it is served first, so that the others may stay cold.
    seats: Vec<oneshot::Sender<Job>>,
    starting: usize,
    ready: usize,
    /// Instances that have just answered and are about to ask for more: a job waits for them rather than for a cold start.
    returning: usize,
    failed_starts: u32,
    not_before: Option<Instant>,
    closed: bool,
}

impl Pool {
    pub(crate) fn new(spec: FunctionSpec) -> Pool {
        Pool {
            spec: Arc::new(spec),
            generation: 0,
            retire: watch::Sender::new(false),
            waiting: VecDeque::new(),
            seats: Vec::new(),
            starting: 0,
            ready: 0,
            returning: 0,
            failed_starts: 0,
            not_before: None,
            closed: false,
        }
    }

    /// Gives the job to an idle instance or lets it wait. Errors: `Throttled`, `Stopped`.
    pub(crate) fn submit(&mut self, job: Job) -> Result<(), InvokeError> {
        if self.closed {
            return Err(InvokeError::Stopped);
        }
        if self.spec.max_instances == 0 {
            return Err(InvokeError::Throttled);
        }
        let Some(job) = self.seat(job) else { return Ok(()) };
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.retain(|job| !job.is_abandoned());
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(InvokeError::Throttled);
        }
        self.waiting.push_back(job);
        Ok(())
    }

    /// Gives the job to an idle instance; hands it back when there is none.
    fn seat(&mut self, mut job: Job) -> Option<Job> {
        while let Some(seat) = self.seats.pop() {
            // An instance that has just died has closed its seat: the next one, then.
            match seat.send(job) {
                Ok(()) => return None,
                Err(returned) => job = returned,
            }
        }
        Some(job)
    }

    /// An instance has finished its init phase; it sits down next.
    pub(crate) fn init_succeeded(&mut self, generation: u64) {
        if generation == self.generation {
            self.starting -= 1;
            self.ready += 1;
            self.failed_starts = 0;
            self.not_before = None;
        }
    }

    /// An instance is idle: its next job comes through the receiver. `None`: the instance is of a replaced spec and has to end.
    pub(crate) fn sit_down(&mut self, generation: u64) -> Option<oneshot::Receiver<Job>> {
        if generation != self.generation || self.closed {
            return None;
        }
        let (seat, jobs) = oneshot::channel();
        self.seats.push(seat);
        while let Some(job) = self.waiting.pop_front() {
            if job.is_abandoned() {
                continue;
            }
            if let Some(job) = self.seat(job) {
                self.waiting.push_front(job);
            }
            break;
        }
        Some(jobs)
    }

    /// An instance has answered, and will be free in a moment.
    pub(crate) fn return_begins(&mut self, generation: u64) {
        if generation == self.generation {
            self.returning += 1;
        }
    }

    /// That moment is over: the instance sits, or has ended, or takes too long for a job to rely on it.
    pub(crate) fn return_ends(&mut self, generation: u64) {
        if generation == self.generation {
            self.returning -= 1;
        }
    }

    /// An instance ended with a job that it never began: the job keeps its turn.
    pub(crate) fn give_back(&mut self, job: Job) {
        if self.closed {
            job.answer(Err(InvokeError::Stopped));
        } else if let Some(job) = self.seat(job) {
            self.waiting.push_front(job);
        }
    }

    /// An instance ended after its init phase.
    pub(crate) fn ended(&mut self, generation: u64) {
        if generation == self.generation {
            self.ready -= 1;
        }
    }

    /// An instance ended in its init phase. Answers the jobs that have nobody left to hope for.
    pub(crate) fn init_failed(&mut self, generation: u64, now: Instant) -> VecDeque<Job> {
        if generation != self.generation {
            return VecDeque::new();
        }
        self.starting -= 1;
        // Those that were started side by side fail as one.
        if self.not_before.is_none_or(|not_before| not_before <= now) {
            let back_off = FIRST_BACK_OFF * 2_u32.pow(self.failed_starts.min(10));
            self.not_before = Some(now + back_off.min(LONGEST_BACK_OFF));
            self.failed_starts += 1;
        }
        if self.starting == 0 && self.ready == 0 {
            return std::mem::take(&mut self.waiting);
        }
        VecDeque::new()
    }

    /// From now on instances are of this spec; those before finish what they have and end.
    pub(crate) fn replace(&mut self, spec: Arc<FunctionSpec>) {
        self.spec = spec;
        self.generation += 1;
        self.retire.send_replace(true);
        self.retire = watch::Sender::new(false);
        self.seats.clear();
        self.starting = 0;
        self.ready = 0;
        self.returning = 0;
        self.failed_starts = 0;
        self.not_before = None;
    }

    /// The same function with fresh processes.
    pub(crate) fn restart(&mut self) {
        self.replace(self.spec.clone());
    }

    /// Takes no more jobs; answers those that wait.
    pub(crate) fn close(&mut self) -> VecDeque<Job> {
        self.closed = true;
        self.seats.clear();
        std::mem::take(&mut self.waiting)
    }

    /// As many starts as there are jobs for which nobody is on the way, within the limit. To be asked after each change.
    pub(crate) fn starts(&mut self) -> Vec<Start> {
        // After a failed start one process tries alone: eight of a broken binary would say nothing more.
        let at_once = if self.failed_starts > 0 { 1 } else { self.spec.max_instances };
        let mut starts = Vec::new();
        let unserved = self.waiting.len().saturating_sub(self.returning);
        while !self.closed
            && self.starting < unserved.min(at_once)
            && self.starting + self.ready < self.spec.max_instances
        {
            self.starting += 1;
            starts.push(Start {
                spec: self.spec.clone(),
                generation: self.generation,
                retired: self.retire.subscribe(),
                not_before: self.not_before,
            });
        }
        starts
    }
}

#[cfg(test)]
mod tests;
