//! What ran lately, for the control port.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
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
    begun: AtomicU64,
    ended: AtomicU64,
}

/// How many invocations have begun and ended since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub begun: u64,
    pub ended: u64,
}

/// An invocation that has begun; it has ended when this is dropped.
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
        self.begun.fetch_add(1, Ordering::SeqCst);
        Running { log: self, function: function.to_owned(), trigger, at: Timestamp::now(), begun: Instant::now() }
    }

    /// How many have begun and ended. Not reset by [`InvocationLog::clear`].
    pub fn count(&self) -> Count {
        // In this order one that begins and ends in between looks unfinished, never the other way round.
        let ended = self.ended.load(Ordering::SeqCst);
        Count { begun: self.begun.load(Ordering::SeqCst), ended }
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
        let invocation = Invocation {
            function: self.function.clone(),
            trigger: self.trigger.clone(),
            status: status.into(),
            ms,
            at: self.at,
        };
        let mut entries = self.log.lock();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(invocation);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.log.ended.fetch_add(1, Ordering::SeqCst);
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

    #[test]
    fn what_is_given_up_has_ended_too() {
        let log = InvocationLog::default();
        let running = log.begin("auth", "GET /".to_owned());
        let given_up = log.begin("auth", "GET /".to_owned());
        assert_eq!(log.count(), Count { begun: 2, ended: 0 });
        running.end("200");
        drop(given_up);
        assert_eq!(log.count(), Count { begun: 2, ended: 2 });
    }
}
