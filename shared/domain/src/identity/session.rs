//! Sessions: `active` until revoked or expired, and which of many refreshes rotates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::User;
use crate::time::DAY;
use crate::{Id, Time, id};

/// A session ends when it was not used for this long, in seconds.
pub const IDLE_SECONDS: i64 = 7 * DAY;
/// A session ends this long after its login, in seconds.
pub const TOTAL_SECONDS: i64 = 30 * DAY;
/// For this long the token just replaced brings the same successor, in milliseconds: a lost answer costs nobody a login.
pub const GRACE_MILLIS: i64 = 10_000;
/// The most living sessions of one account; the next one replaces the oldest.
pub const MAX_LIVING: usize = 20;
/// Ended sessions are kept this long for the list of activity, in seconds.
pub const KEPT_SECONDS: i64 = 90 * DAY;

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By address and password.
    Password,
    /// By both and a code of an authenticator app.
    PasswordTotp,
    /// By address, password and a recovery code.
    PasswordRecoveryCode,
}

impl Method {
    /// The methods as access tokens name them (RFC 8176).
    pub fn amr(self) -> &'static [&'static str] {
        match self {
            Method::Password => &["pwd"],
            Method::PasswordTotp => &["pwd", "otp", "mfa"],
            Method::PasswordRecoveryCode => &["pwd", "mfa"],
        }
    }
}

/// One sign-in on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Which one.
    pub id: Id<id::Session>,
    /// Whose.
    pub user: Id<User>,
    /// Counts refreshes; the living refresh token is the one of this generation.
    pub generation: u32,
    /// When they signed in.
    pub created_at: Time,
    /// When it was last refreshed.
    pub last_used_at: Time,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Time>,
    /// From where, as the gateway saw it.
    pub ip: String,
    /// With what, cut to [`USER_AGENT_LENGTH`] characters.
    pub user_agent: String,
    /// How they signed in.
    pub method: Method,
}

/// How much of a User-Agent header is kept: enough to recognise a device, little enough for one write unit.
pub const USER_AGENT_LENGTH: usize = 120;

/// What becomes of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// This is the living token: make its successor.
    Rotate,
    /// The token was replaced a moment ago: answer the same successor again.
    SameSuccessor,
    /// The token was replaced before: somebody else has it, and the family must die.
    Reused,
    /// The session has ended.
    Ended,
}

impl Session {
    /// A session that begins now.
    pub fn begin(id: Id<id::Session>, user: Id<User>, now: Time, ip: &str, user_agent: &str, method: Method) -> Self {
        Session {
            id,
            user,
            generation: 0,
            created_at: now,
            last_used_at: now,
            revoked_at: None,
            ip: ip.to_owned(),
            user_agent: user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_LENGTH).collect(),
            method,
        }
    }

    /// When it ends if nobody refreshes it.
    pub fn expires_at(&self) -> Time {
        self.last_used_at.plus_seconds(IDLE_SECONDS).min(self.created_at.plus_seconds(TOTAL_SECONDS))
    }

    /// Whether it lives.
    pub fn is_living(&self, now: Time) -> bool {
        self.revoked_at.is_none() && now < self.expires_at()
    }

    /// What becomes of a refresh token of `generation`, presented now.
    pub fn refresh(&self, generation: u32, now: Time) -> Refresh {
        if !self.is_living(now) || generation > self.generation {
            return Refresh::Ended;
        }
        let replaced_just_now =
            generation + 1 == self.generation && now.millis_since(self.last_used_at) <= GRACE_MILLIS;
        match generation {
            living if living == self.generation => Refresh::Rotate,
            _ if replaced_just_now => Refresh::SameSuccessor,
            _ => Refresh::Reused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(generation: u32, last_used_at: Time) -> Session {
        let start = Time::from_millis(0);
        let id = Id::new(start, [1; 10]);
        let begun = Session::begin(id, Id::new(start, [2; 10]), start, "192.0.2.1", "test", Method::Password);
        Session { generation, last_used_at, ..begun }
    }

    #[test]
    fn every_generation_at_every_age_has_one_answer() {
        let used = Time::from_millis(1_000_000);
        let at = |millis: i64| Time::from_millis(used.millis() + millis);
        let living = session(5, used);
        for (generation, now, expected) in [
            (5, at(0), Refresh::Rotate),
            (5, at(IDLE_SECONDS * 1000 - 1), Refresh::Rotate),
            (5, at(IDLE_SECONDS * 1000), Refresh::Ended),
            (4, at(0), Refresh::SameSuccessor),
            (4, at(GRACE_MILLIS), Refresh::SameSuccessor),
            (4, at(-5000), Refresh::SameSuccessor), // a clock that lags
            (4, at(GRACE_MILLIS + 1), Refresh::Reused),
            (3, at(0), Refresh::Reused),
            (0, at(0), Refresh::Reused),
            (6, at(0), Refresh::Ended),
        ] {
            assert_eq!(living.refresh(generation, now), expected, "generation {generation} at {now}");
        }
        let revoked = Session { revoked_at: Some(used), ..living };
        for generation in 0..7 {
            assert_eq!(revoked.refresh(generation, at(1)), Refresh::Ended);
        }
    }

    #[test]
    fn thirty_days_are_the_end_however_often_it_is_used() {
        let last = Time::from_millis(0).plus_seconds(TOTAL_SECONDS - 60);
        let used = session(900, last);
        assert!(used.is_living(last.plus_seconds(59)));
        assert!(!used.is_living(last.plus_seconds(60)));
    }
}
