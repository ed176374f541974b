//! Deliveries: `pending` until they are `delivered` or have `failed`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schedule;
use crate::id::User;
use crate::time::DAY;
use crate::{Id, Time, id};

/// How long a delivery is kept, in seconds.
pub const KEPT_SECONDS: i64 = 30 * DAY;

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is to be tried, for the first time or again.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It will not be tried again.
    Failed,
}

impl Status {
    /// The name in answers and items.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Delivered => "delivered",
            Status::Failed => "failed",
        }
    }
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered 2xx.
    Taken,
    /// It answered something else, or nothing in time; and the wait that it asked for, in seconds.
    Refused(Option<u64>),
    /// It answered 410: nothing may be sent there any more.
    Gone,
    /// Nothing was sent, and nothing will be: its endpoint was disabled or deleted, or it cannot be sent at all.
    Abandoned,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It has arrived.
    Delivered,
    /// It is tried again after so many milliseconds.
    Again(i64),
    /// It has failed for good.
    Failed,
}

impl Status {
    /// What `outcome` of the attempt that is number `made` does to a delivery that stands so; nothing when it has ended:
    /// an attempt that comes late changes nothing.
    pub fn after(self, made: usize, outcome: Outcome, chance: u16) -> Option<Next> {
        match (self, outcome) {
            (Status::Pending, Outcome::Taken) => Some(Next::Delivered),
            (Status::Pending, Outcome::Refused(asked)) => {
                Some(schedule::wait_millis(made, chance, asked).map_or(Next::Failed, Next::Again))
            }
            (Status::Pending, Outcome::Gone | Outcome::Abandoned) => Some(Next::Failed),
            (Status::Delivered | Status::Failed, _) => None,
        }
    }
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookAttempt")]
pub struct Attempt {
    /// When it began.
    pub at: Time,
    /// What was answered, if anything was.
    pub status_code: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// What went wrong.
    pub error: Option<String>,
}

/// An event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Which one; the same event has the same one again.
    pub id: Id<id::Delivery>,
    /// Where to.
    pub endpoint: Id<id::Endpoint>,
    /// Whose the endpoint is.
    pub owner: Id<User>,
    /// What, as header `webhook-id` tells in every attempt.
    pub event: Id<id::Event>,
    /// Its type.
    pub event_type: String,
    /// What is sent, byte for byte.
    pub body: String,
    /// How it stands.
    pub status: Status,
    /// Counts the attempts that came to something. Whoever makes the next one holds it against this.
    pub attempt_count: usize,
    /// Those attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_attempt_at: Option<Time>,
    /// Since when somebody makes an attempt that has not come to anything yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claimed_at: Option<Time>,
    /// Chance: tells the delivery that was just made from another of the same moment.
    pub claim: u32,
    /// When it was made.
    pub created_at: Time,
    /// When it arrived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delivered_at: Option<Time>,
}

impl Delivery {
    /// When it goes.
    pub fn expires_at(&self) -> Time {
        self.created_at.plus_seconds(KEPT_SECONDS)
    }

    /// The delivery after `attempt` came to `outcome`, and what follows; nothing when it has ended before.
    pub fn after(&self, attempt: Attempt, outcome: Outcome, chance: u16, now: Time) -> Option<(Delivery, Next)> {
        let made = self.attempt_count + 1;
        let next = self.status.after(made, outcome, chance)?;
        let mut after = Delivery { attempt_count: made, claimed_at: None, next_attempt_at: None, ..self.clone() };
        after.attempts.push(attempt);
        match next {
            Next::Delivered => {
                after.status = Status::Delivered;
                after.delivered_at = Some(now);
            }
            Next::Again(millis) => after.next_attempt_at = Some(Time::from_millis(now.millis() + millis)),
            Next::Failed => after.status = Status::Failed,
        }
        Some((after, next))
    }

    /// What the last attempt was answered.
    pub fn last_status_code(&self) -> Option<u16> {
        self.attempts.last().and_then(|attempt| attempt.status_code)
    }

    /// What went wrong with the last attempt.
    pub fn last_error(&self) -> Option<&str> {
        self.attempts.last().and_then(|attempt| attempt.error.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::webhook::schedule::MAX_ATTEMPTS;

    #[test]
    fn every_state_and_every_outcome_has_one_answer() {
        let again = |millis| Some(Next::Again(millis));
        for (status, made, outcome, expected) in [
            (Status::Pending, 1, Outcome::Taken, Some(Next::Delivered)),
            (Status::Pending, MAX_ATTEMPTS, Outcome::Taken, Some(Next::Delivered)),
            (Status::Pending, 1, Outcome::Refused(None), again(4_500)),
            (Status::Pending, 1, Outcome::Refused(Some(90)), again(90_000)),
            (Status::Pending, 2, Outcome::Refused(None), again(270_000)),
            (Status::Pending, MAX_ATTEMPTS - 1, Outcome::Refused(None), again(32_400_000)),
            (Status::Pending, MAX_ATTEMPTS, Outcome::Refused(None), Some(Next::Failed)),
            (Status::Pending, MAX_ATTEMPTS, Outcome::Refused(Some(1)), Some(Next::Failed)),
            (Status::Pending, 1, Outcome::Gone, Some(Next::Failed)),
            (Status::Pending, 1, Outcome::Abandoned, Some(Next::Failed)),
            (Status::Delivered, 2, Outcome::Taken, None),
            (Status::Delivered, 2, Outcome::Refused(None), None),
            (Status::Delivered, 2, Outcome::Gone, None),
            (Status::Delivered, 2, Outcome::Abandoned, None),
            (Status::Failed, 2, Outcome::Taken, None),
            (Status::Failed, 2, Outcome::Refused(None), None),
            (Status::Failed, 2, Outcome::Gone, None),
            (Status::Failed, 2, Outcome::Abandoned, None),
        ] {
            assert_eq!(status.after(made, outcome, 0), expected, "{status:?}, attempt {made}, {outcome:?}");
        }
    }

    #[test]
    fn a_delivery_keeps_its_attempts_and_ends_after_the_eighth() {
        let now = Time::from_millis(1_000_000);
        let mut delivery = Delivery {
            id: Id::new(now, [1; 10]),
            endpoint: Id::new(now, [2; 10]),
            owner: Id::new(now, [3; 10]),
            event: Id::new(now, [4; 10]),
            event_type: "user.updated".into(),
            body: "{}".into(),
            status: Status::Pending,
            attempt_count: 0,
            attempts: Vec::new(),
            next_attempt_at: None,
            claimed_at: Some(now),
            claim: 7,
            created_at: now,
            delivered_at: None,
        };
        let attempt = |code| Attempt { at: now, status_code: Some(code), duration_ms: 3, error: None };
        let (taken, _) = delivery.after(attempt(204), Outcome::Taken, 0, now).unwrap();
        assert_eq!((taken.status, taken.delivered_at, taken.claimed_at), (Status::Delivered, Some(now), None));
        for made in 1..=MAX_ATTEMPTS {
            let (after, next) = delivery.after(attempt(500), Outcome::Refused(None), 0, now).unwrap();
            assert_eq!(matches!(next, Next::Failed), made == MAX_ATTEMPTS);
            assert_eq!(after.next_attempt_at.is_some(), made < MAX_ATTEMPTS);
            delivery = after;
        }
        assert_eq!((delivery.status, delivery.attempts.len()), (Status::Failed, MAX_ATTEMPTS));
        assert_eq!(delivery.last_status_code(), Some(500));
        assert!(delivery.after(attempt(200), Outcome::Taken, 0, now).is_none());
    }
}
