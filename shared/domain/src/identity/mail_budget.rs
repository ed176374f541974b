//! How many mails public forms may send to one address: anybody can fill them in, and its owner must not drown in them.

use serde::{Deserialize, Serialize};

use crate::time::{HOUR, MINUTE};
use crate::{Id, Time, id};

/// Mails of one kind that one address gets within an hour; what comes beyond is left out silently.
pub const MAX_PER_HOUR: usize = 5;
/// After this long a claim that was not followed by a mark counts as abandoned: longer than `mailer` may run, in seconds.
pub const LEASE_SECONDS: i64 = MINUTE;

/// What one address got of one kind in the last hour, or is about to get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailBudget {
    mails: Vec<Counted>,
    /// Goes up with each change.
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    event: Id<id::Event>,
    counted_at: Time,
    /// Absent while nobody is sending it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    claimed_at: Option<Time>,
}

/// Whether a mail may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By whoever keeps this budget in place of the one before.
    Ours(MailBudget),
    /// Somebody else is sending it, or died doing so.
    Busy,
    /// There were enough of them.
    Spent,
}

impl MailBudget {
    /// Claims the mail of `event`. It counts once, however often it comes.
    pub fn claim(&self, event: Id<id::Event>, now: Time) -> Verdict {
        let mut after = self.clone();
        after.version += 1;
        after.mails.retain(|mail| mail.event == event || now.millis_since(mail.counted_at) < HOUR * 1000);
        if let Some(known) = after.mails.iter_mut().find(|mail| mail.event == event) {
            let is_fresh = |claimed: Time| now.millis_since(claimed) < LEASE_SECONDS * 1000;
            if known.claimed_at.is_some_and(is_fresh) {
                return Verdict::Busy;
            }
            known.claimed_at = Some(now);
            return Verdict::Ours(after);
        }
        if after.mails.len() >= MAX_PER_HOUR {
            return Verdict::Spent;
        }
        after.mails.push(Counted { event, counted_at: now, claimed_at: Some(now) });
        Verdict::Ours(after)
    }

    /// This budget with the mail of `event` claimed by nobody: it was refused, and may be tried again at once.
    pub fn released(&self, event: Id<id::Event>) -> MailBudget {
        let mut after = self.clone();
        after.version += 1;
        for mail in after.mails.iter_mut().filter(|mail| mail.event == event) {
            mail.claimed_at = None;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_795_168_800_000).plus_seconds(seconds)
    }

    fn event(n: u8) -> Id<id::Event> {
        Id::new(at(0), [n; 10])
    }

    fn claimed(verdict: Verdict) -> MailBudget {
        match verdict {
            Verdict::Ours(budget) => budget,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_sixth_within_an_hour_is_left_out_and_the_first_makes_room_when_it_is_an_hour_old() {
        let full = (0..5).fold(MailBudget::default(), |budget, n| claimed(budget.claim(event(n), at(i64::from(n)))));
        assert_eq!(full.claim(event(9), at(HOUR - 1)), Verdict::Spent);
        let next = claimed(full.claim(event(9), at(HOUR)));
        assert_eq!(next.claim(event(8), at(HOUR)), Verdict::Spent);
        assert_eq!(next.mails.len(), 5);
    }

    #[test]
    fn the_same_event_counts_once_and_has_one_sender() {
        let first = claimed(MailBudget::default().claim(event(1), at(0)));
        assert_eq!(first.claim(event(1), at(LEASE_SECONDS - 1)), Verdict::Busy);
        let again = claimed(first.claim(event(1), at(LEASE_SECONDS)));
        assert_eq!((again.mails.len(), again.version), (1, 2));
        let released = claimed(first.released(event(1)).claim(event(1), at(1)));
        assert_eq!(released.mails.len(), 1);
        // Also when it is all that is left of a full hour.
        let full = (2..6).fold(first, |budget, n| claimed(budget.claim(event(n), at(2))));
        assert_eq!(claimed(full.released(event(1)).claim(event(1), at(3))).mails.len(), 5);
    }
}
