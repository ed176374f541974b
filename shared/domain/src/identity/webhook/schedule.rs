//! When a delivery that failed is tried again.

use crate::time::{HOUR, MINUTE};

/// The waits between attempts, in seconds; after the attempt that follows the last, a delivery has failed.
pub const WAITS_SECONDS: [i64; 7] = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];
/// The most attempts of one delivery.
pub const MAX_ATTEMPTS: usize = WAITS_SECONDS.len() + 1;
/// Waits up to this ride on the queue, in seconds; longer ones are records of the due list.
pub const QUEUE_SECONDS: i64 = 20;

/// How long to wait after `made` attempts, in milliseconds; `None` when there are no more. It is up to 10 % shorter or
/// longer by `chance`, so that what failed together does not come back together. What the receiver asked for, if it is
/// longer, is waited instead, up to the length of the next wait.
pub fn wait_millis(made: usize, chance: u16, asked_seconds: Option<u64>) -> Option<i64> {
    let place = made.checked_sub(1)?;
    let planned = WAITS_SECONDS.get(place)? * 1000;
    let spread = planned / 5;
    let wait = planned - spread / 2 + spread * i64::from(chance) / i64::from(u16::MAX);
    let longest = WAITS_SECONDS.get(place + 1).map_or(planned, |next| next * 1000);
    let asked = asked_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000));
    Some(asked.map_or(wait, |asked| wait.max(asked.min(longest))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_the_schedules_by_a_tenth_more_or_less() {
        for (place, seconds) in WAITS_SECONDS.into_iter().enumerate() {
            let of = |chance| wait_millis(place + 1, chance, None).unwrap();
            assert_eq!(of(0), seconds * 900);
            assert_eq!(of(u16::MAX), seconds * 1100);
            assert!((seconds * 999..=seconds * 1001).contains(&of(u16::MAX / 2)));
        }
        assert_eq!(wait_millis(MAX_ATTEMPTS, 0, None), None);
        assert_eq!(wait_millis(0, 0, None), None);
    }

    #[test]
    fn a_receiver_may_ask_for_more_up_to_the_next_wait() {
        for (made, asked, seconds) in
            [(1, 3, 4), (1, 60, 60), (1, 3600, 300), (2, 600, 600), (6, 40_000, 36_000), (7, u64::MAX, 36_000)]
        {
            let wait = wait_millis(made, 0, Some(asked)).unwrap();
            assert_eq!(wait / 1000, seconds, "after {made}, asked for {asked}");
        }
    }
}
