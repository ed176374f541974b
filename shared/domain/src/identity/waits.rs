//! What waits in this chapter, longer than a queue may hold it.

use serde::{Deserialize, Serialize};

use crate::due::{Job, Kind, Wait};
use crate::event::Event;
use crate::time::{DAY, HOUR, MINUTE};
use crate::{Id, Time, id};

/// The kinds of this chapter.
pub const KINDS: &[&Kind] = &[MailResend::KIND, WebhookRetry::KIND];

const fn kind(name: &'static str) -> Kind {
    Kind { job: Job::Identity, name }
}

/// The mail service asked to be left alone for a while: hand the event to `mailer` again.
#[derive(Debug, Serialize, Deserialize)]
pub struct MailResend {
    /// The event whose mail has not gone out.
    pub event: Event,
}
impl Wait for MailResend {
    const KIND: &'static Kind = &kind("identity.mail-resend");
}

impl MailResend {
    /// When a mail is tried again that the mail service did not take now: later each time, until a day after its event;
    /// then never, because a link has run out by then and news is old.
    pub fn due_at(&self, now: Time) -> Option<Time> {
        let age_seconds = now.millis_since(self.event.occurred_at) / 1000;
        (age_seconds < DAY).then(|| now.plus_seconds(age_seconds.clamp(MINUTE, HOUR)))
    }
}

/// A delivery to a webhook endpoint failed and is tried again: hand it to `webhook-sender`. Short waits of the same kind ride
/// on that function's queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookRetry {
    /// Whose endpoint.
    pub owner_id: Id<id::User>,
    /// Where to.
    pub endpoint_id: Id<id::Endpoint>,
    /// What.
    pub delivery_id: Id<id::Delivery>,
    /// The attempts that had been made when the wait began; when there are more, this is stale.
    pub made: usize,
}
impl Wait for WebhookRetry {
    const KIND: &'static Kind = &kind("identity.webhook-retry");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_throttled_mail_waits_longer_each_time_and_gives_up_after_a_day() {
        let occurred_at = Time::from_millis(1_795_168_800_000);
        let event = Event {
            id: Id::new(occurred_at, [7; 10]),
            name: "mail.reset".into(),
            occurred_at,
            actor_id: None,
            subject_ids: Vec::new(),
            request_id: "request-1".into(),
            data: Value::Null,
            v: 1,
        };
        let wait = MailResend { event };
        let after = |seconds: i64| {
            let now = occurred_at.plus_seconds(seconds);
            wait.due_at(now).map(|at| at.millis_since(now) / 1000)
        };
        assert_eq!(after(-5), Some(60), "a clock that is behind");
        assert_eq!((after(0), after(60), after(120), after(600)), (Some(60), Some(60), Some(120), Some(600)));
        assert_eq!((after(2 * HOUR), after(DAY - 1), after(DAY)), (Some(HOUR), Some(HOUR), None));
    }
}
