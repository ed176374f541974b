//! What SQS may do to messages: deliver one twice, late, out of order, or once more while somebody works on it. All of it
//! is within what standard queues promise.

use super::chance::{numbers, share};
use super::fault::Address;
use super::{Faults, Service, State};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A copy of a message comes at most so much later than the message.
const COPY_AFTER_MAX_MS: u64 = 2_000;
/// A message that is held back waits between these.
const HOLD_MS: std::ops::Range<u64> = 500..5_000;

/// How the messages of all queues are disturbed, dead letter queues excepted. Shares are from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct MessageChance {
    pub seed: u64,
    /// The share of messages that are delivered twice, under the same message id.
    pub duplicate: f64,
    /// The share of messages that are delayed by half a second to five.
    pub hold: f64,
    /// Whether messages are received in another order than they were sent in.
    pub shuffle: bool,
    /// The share of messages that are received once more while their first receiver works on them. Only first receives
    /// are repeated, so that none of it alone leads into a dead letter queue.
    pub redeliver: f64,
}

/// What happens to a message that is sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Sending {
    pub hold: Duration,
    /// When its copy follows, if it has one.
    pub copy_after: Option<Duration>,
}

/// An order of messages that has nothing to do with when they were sent.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Shuffle {
    seed: u64,
}

impl Faults {
    /// Lets chance disturb messages, until [`Faults::calm`]. Messages are counted anew from here.
    pub fn messages(&self, chance: MessageChance) {
        let mut state = self.lock();
        state.messages = Some(chance);
        state.turns.clear();
    }

    /// Whether the messages are disturbed at present.
    pub(in super::super) fn disturbs_messages(&self) -> bool {
        self.lock().messages.is_some()
    }

    /// Decides about the next message that is sent to a queue.
    pub(in super::super) fn sending(&self, queue: &str) -> Sending {
        let mut guard = self.lock();
        let Some(chance) = guard.messages else { return Sending::default() };
        let (at, [hold, duplicate, time]) = turn(&mut guard, chance.seed, queue, "send");
        let hold_ms = (share(hold) < chance.hold).then(|| HOLD_MS.start + time % (HOLD_MS.end - HOLD_MS.start));
        let copy_ms = (share(duplicate) < chance.duplicate).then_some(time % COPY_AFTER_MAX_MS);
        let (kind, words) = match (hold_ms, copy_ms) {
            (None, None) => ("none", "none".to_owned()),
            (Some(hold), None) => ("hold", format!("hold {hold} ms")),
            (None, Some(copy)) => ("duplicate", format!("duplicate after {copy} ms")),
            (Some(hold), Some(copy)) => ("duplicate", format!("hold {hold} ms, duplicate after {copy} ms")),
        };
        guard.log.add(at, kind, words);
        Sending { hold: Duration::from_millis(hold_ms.unwrap_or(0)), copy_after: copy_ms.map(Duration::from_millis) }
    }

    /// Decides whether the next message that is received for the first time stays visible.
    pub(in super::super) fn redelivers(&self, queue: &str) -> bool {
        let mut guard = self.lock();
        let Some(chance) = guard.messages else { return false };
        let (at, [draw, ..]) = turn(&mut guard, chance.seed, queue, "receive");
        let again = share(draw) < chance.redeliver;
        let kind = if again { "redeliver" } else { "none" };
        guard.log.add(at, kind, kind.to_owned());
        again
    }

    /// The order in which messages are received, when it is not that of sending.
    pub(in super::super) fn shuffle(&self) -> Option<Shuffle> {
        let chance = self.lock().messages?;
        chance.shuffle.then_some(Shuffle { seed: chance.seed })
    }
}

impl Shuffle {
    /// Where a message comes among the others of its queue.
    pub fn rank(self, queue: &str, seq: i64) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(queue);
        hash.update(seq.to_be_bytes());
        numbers(&hash.finalize())[0]
    }
}

/// Counts one of a queue's messages, and draws for it.
fn turn(state: &mut State, seed: u64, queue: &str, operation: &'static str) -> (Address, [u64; 3]) {
    let n = state.turns.entry((queue.to_owned(), operation)).or_default();
    let at = Address { function: queue.to_owned(), service: Service::Sqs, operation: operation.to_owned(), n: *n };
    *n += 1;
    let draws = super::chance::draws(seed, &at);
    (at, draws)
}
