//! Messages that failed and have not been handled since: those that come back, and those that ended as dead letters.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cloud::QueueMessage;

/// What keeps failing, by message id: its queue and its body.
#[derive(Debug, Default)]
pub struct Failing(Mutex<BTreeMap<String, (String, String)>>);

impl Failing {
    /// Notes how a delivery ended.
    pub(super) fn note(&self, queue: &str, message: &QueueMessage, has_failed: bool) {
        let mut known = self.lock();
        match has_failed {
            true => known.insert(message.message_id.clone(), (queue.to_owned(), message.body.clone())),
            false => known.remove(&message.message_id),
        };
    }

    /// Begins anew for one queue.
    pub(super) fn forget(&self, queue: &str) {
        self.lock().retain(|_, (of, _)| of != queue);
    }

    /// The bodies of those of one queue.
    pub(super) fn of(&self, queue: &str) -> Vec<String> {
        self.lock().values().filter(|(of, _)| of == queue).map(|(_, body)| body.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
