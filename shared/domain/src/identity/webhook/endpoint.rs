//! Endpoints: `active` until their owner, or nothing but failures, disables them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EndpointUrl, EventPattern};
use crate::event::Row;
use crate::id::User;
use crate::identity::events::DisabledReason;
use crate::text::Text;
use crate::time::DAY;
use crate::{Id, Time, id};

/// The most endpoints of one person.
pub const MAX_ENDPOINTS: u32 = 10;
/// An endpoint that did nothing but fail for this long is disabled, in seconds.
pub const FAILING_SECONDS: i64 = 5 * DAY;
/// The time of the last success is noted at most this often, in seconds: deliveries are many.
pub const NOTED_SECONDS: i64 = 60;
/// The longest that a replaced secret may go on signing, in hours.
pub const MAX_GRACE_HOURS: u32 = 72;
/// How long it goes on signing if nobody says, in hours.
pub const DEFAULT_GRACE_HOURS: u32 = 24;

/// What an endpoint is for, in its owner's words: at most 200 characters.
pub type Description = Text<crate::text::FreeText<200>>;

/// A signing secret, sealed under the keyring for its endpoint's id.
pub type SealedSecret = String;

/// Whether an endpoint gets events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndpointStatus {
    /// It does.
    Active,
    /// It does not, and what was on its way has failed.
    Disabled,
}

/// A secret that was replaced and still signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviousSecret {
    /// The secret.
    pub secret: SealedSecret,
    /// Until when.
    pub valid_until: Time,
}

/// A place that takes webhooks. Its secrets are sealed; it has no `Debug` all the same.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Which one.
    pub id: Id<id::Endpoint>,
    /// Whose.
    pub owner: Id<User>,
    /// Where.
    pub url: EndpointUrl,
    /// Which events it takes.
    pub event_types: Vec<EventPattern>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<Description>,
    /// Whether it gets events.
    pub status: EndpointStatus,
    /// Why it does not, unless its owner wanted it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disabled_reason: Option<DisabledReason>,
    /// Deliveries of events before this are not tried again: it was made, or enabled again, then.
    pub active_since: Time,
    /// What signs.
    pub secret: SealedSecret,
    /// What also signs for a while after a rotation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<PreviousSecret>,
    /// When it was made.
    pub created_at: Time,
    /// When something last arrived, to the minute.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_success_at: Option<Time>,
    /// When it began to do nothing but fail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failing_since: Option<Time>,
    /// Counts the changes of its owner, and being disabled.
    pub version: u64,
}

impl Endpoint {
    /// Whether events of this type go there.
    pub fn takes(&self, row: &Row) -> bool {
        self.status == EndpointStatus::Active && self.event_types.iter().any(|pattern| pattern.takes(row))
    }

    /// Whether a delivery that was made then may still be tried: being disabled, even if only for a while, ends those
    /// that were on their way.
    pub fn awaits(&self, created_at: Time) -> bool {
        self.status == EndpointStatus::Active && created_at >= self.active_since
    }

    /// The sealed secrets that sign now, newest first.
    pub fn signing(&self, now: Time) -> impl Iterator<Item = &str> {
        let previous = self.previous.iter().filter(move |previous| now < previous.valid_until);
        std::iter::once(self.secret.as_str()).chain(previous.map(|previous| previous.secret.as_str()))
    }

    /// The endpoint with a new secret; the one it replaces signs for `grace_hours` more, and one before that no longer.
    pub fn rotated(&self, secret: SealedSecret, grace_hours: u32, now: Time) -> Self {
        let valid_until = now.plus_seconds(i64::from(grace_hours) * crate::time::HOUR);
        let previous = PreviousSecret { secret: self.secret.clone(), valid_until };
        Endpoint {
            secret,
            previous: Some(previous).filter(|_| grace_hours > 0),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// The endpoint, disabled.
    pub fn disabled(&self, reason: Option<DisabledReason>) -> Self {
        Endpoint {
            status: EndpointStatus::Disabled,
            disabled_reason: reason,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// The endpoint, enabled again: it starts clean.
    pub fn enabled(&self, now: Time) -> Self {
        Endpoint {
            status: EndpointStatus::Active,
            disabled_reason: None,
            active_since: now,
            failing_since: None,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Whether a success now is worth noting.
    pub fn notes_success(&self, now: Time) -> bool {
        let is_recent = |last: Time| now.millis_since(last) < NOTED_SECONDS * 1000;
        self.failing_since.is_some() || !self.last_success_at.is_some_and(is_recent)
    }

    /// Whether a failure now is the one too many.
    pub fn gives_up(&self, now: Time) -> bool {
        self.failing_since.is_some_and(|since| now.millis_since(since) >= FAILING_SECONDS * 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    fn endpoint() -> Endpoint {
        let now = Time::from_millis(0);
        Endpoint {
            id: Id::new(now, [1; 10]),
            owner: Id::new(now, [2; 10]),
            url: "https://example.com/".parse().unwrap(),
            event_types: vec!["user.*".parse().unwrap()],
            description: None,
            status: EndpointStatus::Active,
            disabled_reason: None,
            active_since: now,
            secret: "first".into(),
            previous: None,
            created_at: now,
            last_success_at: None,
            failing_since: None,
            version: 1,
        }
    }

    #[test]
    fn a_replaced_secret_signs_on_for_its_grace_and_only_the_last_one_does() {
        let now = Time::from_millis(0);
        let signing = |endpoint: &Endpoint, at: i64| {
            endpoint.signing(now.plus_seconds(at)).map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        let rotated = endpoint().rotated("second".into(), 24, now);
        assert_eq!(signing(&rotated, 0), "second first");
        assert_eq!(signing(&rotated, 24 * HOUR - 1), "second first");
        assert_eq!(signing(&rotated, 24 * HOUR), "second");
        assert_eq!(signing(&rotated.rotated("third".into(), 1, now), 0), "third second");
        assert_eq!(signing(&rotated.rotated("third".into(), 0, now), 0), "third");
    }

    #[test]
    fn being_enabled_again_starts_clean() {
        let later = Time::from_millis(0).plus_seconds(HOUR);
        let failing = Endpoint { failing_since: Some(Time::from_millis(0)), ..endpoint() };
        let disabled = failing.disabled(Some(DisabledReason::Failing));
        assert!(!disabled.awaits(later));
        let enabled = disabled.enabled(later);
        assert_eq!((enabled.failing_since, enabled.disabled_reason, enabled.version), (None, None, 3));
        assert!(enabled.awaits(later) && !enabled.awaits(later.plus_seconds(-1)));
    }

    #[test]
    fn five_days_of_nothing_but_failures_are_too_many() {
        let start = Time::from_millis(0);
        let failing = Endpoint { failing_since: Some(start), ..endpoint() };
        assert!(!failing.gives_up(start.plus_seconds(FAILING_SECONDS - 1)));
        assert!(failing.gives_up(start.plus_seconds(FAILING_SECONDS)));
        assert!(!endpoint().gives_up(start.plus_seconds(FAILING_SECONDS)));
    }

    #[test]
    fn successes_are_noted_by_the_minute_and_always_after_a_failure() {
        let at = |seconds| Time::from_millis(0).plus_seconds(seconds);
        let fine = Endpoint { last_success_at: Some(at(0)), ..endpoint() };
        assert!(endpoint().notes_success(at(0)));
        assert!(!fine.notes_success(at(59)) && fine.notes_success(at(60)));
        assert!(Endpoint { failing_since: Some(at(1)), ..fine }.notes_success(at(2)));
    }
}
