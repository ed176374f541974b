//! What an instance remembers of callers, for a while.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Time;

/// An instance remembers no more than this.
const MAX_KEPT: usize = 1000;

/// Values by key, each for so many milliseconds.
pub(super) struct Memory<K, V> {
    kept: Mutex<HashMap<K, (Time, V)>>,
    lasting_millis: i64,
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub fn lasting(seconds: i64) -> Self {
        Memory { kept: Mutex::new(HashMap::new()), lasting_millis: seconds * 1000 }
    }

    /// What was learnt of `key`, and when, if that was not too long ago.
    pub fn recall(&self, key: &K, now: Time) -> Option<(Time, V)> {
        self.kept().get(key).filter(|(at, _)| self.is_fresh(*at, now)).cloned()
    }

    /// Remembers what was learnt `now`.
    pub fn keep(&self, key: K, value: V, now: Time) {
        let mut kept = self.kept();
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (at, _)| self.is_fresh(*at, now));
        }
        // All of them are fresh: forgetting costs a call each, and nothing else.
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, (now, value));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<K, (Time, V)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A clock that was set back makes nothing last longer.
    fn is_fresh(&self, at: Time, now: Time) -> bool {
        (0..self.lasting_millis).contains(&(now.millis() - at.millis()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_lasts_a_minute() {
        let memory = Memory::lasting(60);
        let at = |millis: i64| Time::from_millis(1_000_000 + millis);
        memory.keep("ada", 1, at(0));
        assert_eq!(memory.recall(&"ada", at(0)), Some((at(0), 1)));
        assert_eq!(memory.recall(&"ada", at(59_999)), Some((at(0), 1)));
        assert_eq!(memory.recall(&"ada", at(60_000)), None);
        assert_eq!(memory.recall(&"ada", at(-1)), None, "learnt in the future");
        assert_eq!(memory.recall(&"eve", at(0)), None);
    }

    #[test]
    fn it_has_an_end() {
        let memory = Memory::lasting(60);
        let at = |millis: i64| Time::from_millis(1_000_000 + millis);
        for n in 0..MAX_KEPT {
            memory.keep(n, n, at(0));
        }
        memory.keep(MAX_KEPT, MAX_KEPT, at(1));
        assert_eq!(memory.kept().len(), 1);
        assert_eq!(memory.recall(&MAX_KEPT, at(1)), Some((at(1), MAX_KEPT)));
    }
}
