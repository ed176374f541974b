//! What an instance remembers of callers, for a minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Time;

/// What must end at once ends within this time, in milliseconds.
const KEPT_MILLIS: i64 = 60_000;
/// An instance remembers no more than this.
const MAX_KEPT: usize = 1000;

/// Values by key, each for a minute.
pub(super) struct Memory<K, V>(Mutex<HashMap<K, (Time, V)>>);

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    pub fn empty() -> Self {
        Memory(Mutex::new(HashMap::new()))
    }

    /// What was learnt of `key`, if that was less than a minute ago and later than `after`.
    pub fn recall(&self, key: &K, after: Time, now: Time) -> Option<V> {
        let kept = self.kept();
        let (at, value) = kept.get(key)?;
        (*at > after && is_fresh(*at, now)).then(|| value.clone())
    }

    /// Remembers what was learnt `now`.
    pub fn keep(&self, key: K, value: V, now: Time) {
        let mut kept = self.kept();
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (at, _)| is_fresh(*at, now));
        }
        // All of them were learnt within a minute: forgetting costs a read each, and nothing else.
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, (now, value));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<K, (Time, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that was set back makes nothing last longer.
fn is_fresh(at: Time, now: Time) -> bool {
    (0..KEPT_MILLIS).contains(&(now.millis() - at.millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_lasts_a_minute() {
        let memory = Memory::empty();
        let at = |millis: i64| Time::from_millis(1_000_000 + millis);
        memory.keep("ada", 1, at(0));
        assert_eq!(memory.recall(&"ada", at(-1), at(0)), Some(1));
        assert_eq!(memory.recall(&"ada", at(-1), at(59_999)), Some(1));
        assert_eq!(memory.recall(&"ada", at(-1), at(60_000)), None);
        assert_eq!(memory.recall(&"ada", at(-1), at(-1)), None, "learnt in the future");
        assert_eq!(memory.recall(&"ada", at(0), at(1)), None, "no news since");
        assert_eq!(memory.recall(&"eve", at(-1), at(0)), None);
    }

    #[test]
    fn it_has_an_end() {
        let memory = Memory::empty();
        let at = |millis: i64| Time::from_millis(1_000_000 + millis);
        for n in 0..MAX_KEPT {
            memory.keep(n, n, at(0));
        }
        memory.keep(MAX_KEPT, MAX_KEPT, at(1));
        assert_eq!(memory.kept().len(), 1);
        assert_eq!(memory.recall(&MAX_KEPT, at(0), at(1)), Some(MAX_KEPT));
    }
}
