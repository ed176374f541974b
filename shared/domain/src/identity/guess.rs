//! Guessing is stopped by counting: a guess is counted before it is looked at, per address, whether or not it exists.

use crate::Time;
use crate::time::MINUTE;

/// After this many wrong guesses the address is locked.
pub const MAX_GUESSES: u32 = 5;
/// Guesses further apart than this do not add up, and a lock lasts this long, in seconds.
pub const WINDOW_SECONDS: i64 = 30 * MINUTE;

/// The guesses of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guesses {
    /// Guesses, each within the window of the one before.
    pub count: u32,
    /// When the last one was counted.
    pub last_at: Time,
}

impl Guesses {
    /// Seconds until the next guess is looked at; `None` when it is looked at now.
    pub fn locked_for(&self, now: Time) -> Option<u64> {
        // Another instance's clock may be ahead: an instant in the future counts as now.
        let left = WINDOW_SECONDS * 1000 - now.millis_since(self.last_at).max(0);
        let locked = self.count >= MAX_GUESSES && left > 0;
        locked.then(|| u64::try_from(left).unwrap_or(0).div_ceil(1000))
    }

    /// Until when no guess is looked at, if now is before.
    pub fn locked_until(&self, now: Time) -> Option<Time> {
        self.locked_for(now).map(|_| self.last_at.plus_seconds(WINDOW_SECONDS))
    }

    /// Whether the count no longer adds up with a guess made now.
    pub fn is_stale(&self, now: Time) -> bool {
        now.millis_since(self.last_at) >= WINDOW_SECONDS * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_guesses_lock_for_thirty_minutes() {
        let last_at = Time::from_millis(5_000_000);
        let locked = Guesses { count: 5, last_at };
        assert_eq!(locked.locked_for(last_at), Some(1800));
        assert_eq!(locked.locked_for(last_at.plus_seconds(1799)), Some(1));
        assert_eq!(locked.locked_for(last_at.plus_seconds(1800)), None);
        assert_eq!(locked.locked_for(last_at.plus_seconds(-9000)), Some(1800));
        assert_eq!(Guesses { count: 4, last_at }.locked_for(last_at), None);
    }
}
