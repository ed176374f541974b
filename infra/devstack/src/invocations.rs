//! What ran lately, for the control port.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

/// How many are kept.
const KEPT: usize = 200;

/// One invocation that has ended.
#[derive(Debug, Clone, Serialize)]
pub struct Invocation {
    /// The function's binary.
    pub function: String,
    /// `GET /api/v1/users/me`, `queue mailer`, `stream core`.
    pub trigger: String,
    /// The HTTP status that the client saw, or `ok`, `partial`, `failed`, `timeout`.
    pub status: String,
    /// Milliseconds, waiting included.
    pub ms: u64,
    /// When it began.
    pub at: Timestamp,
}

/// The last 200 invocations.
#[derive(Debug, Default)]
pub struct InvocationLog {
    entries: Mutex<VecDeque<Invocation>>,
}

/// An invocation that has begun.
#[derive(Debug)]
pub struct Running<'a> {
    log: &'a InvocationLog,
    function: String,
    trigger: String,
    at: Timestamp,
    begun: Instant,
}

impl InvocationLog {
    pub fn begin(&self, function: &str, trigger: String) -> Running<'_> {
        Running { log: self, function: function.to_owned(), trigger, at: Timestamp::now(), begun: Instant::now() }
    }

    /// Newest first.
    pub fn latest(&self) -> Vec<Invocation> {
        self.lock().iter().rev().cloned().collect()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Invocation>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    pub fn end(self, status: impl Into<String>) {
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Self { log, function, trigger, at, .. } = self;
        let mut entries = log.lock();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(Invocation { function, trigger, status: status.into(), ms, at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_the_oldest_go() {
        let log = InvocationLog::default();
        for n in 0..KEPT + 5 {
            log.begin("auth", format!("GET /{n}")).end("200");
        }
        let latest = log.latest();
        assert_eq!(latest.len(), KEPT);
        assert_eq!(latest[0].trigger, "GET /204");
    }
}
