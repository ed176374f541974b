//! How each queue behaves.

use crate::template::{Queue, Redrive};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The queues by name.
#[derive(Default)]
pub(super) struct Settings(Mutex<BTreeMap<String, Queue>>);

impl Settings {
    pub fn set(&self, queue: &Queue) {
        self.lock().insert(queue.name.clone(), queue.clone());
    }

    pub fn remove(&self, queue: &str) {
        self.lock().remove(queue);
    }

    pub fn get(&self, queue: &str) -> Option<Queue> {
        self.lock().get(queue).cloned()
    }

    pub fn all(&self) -> Vec<Queue> {
        self.lock().values().cloned().collect()
    }

    pub fn is_dead_letter_queue(&self, name: &str) -> bool {
        let feeds = |redrive: &Redrive| redrive.dead_letter_queue == name;
        self.lock().values().any(|queue| queue.redrive.as_ref().is_some_and(feeds))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
