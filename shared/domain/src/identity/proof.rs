//! What the one-time token of a mailed link proves.

use serde::{Deserialize, Serialize};

use super::EmailAddress;
use crate::id::User;
use crate::time::{DAY, HOUR};
use crate::{Id, Time, id};

/// How long a link to reset a password is good, in seconds.
pub const RESET_SECONDS: i64 = HOUR;
/// How long a link to confirm a new address is good, in seconds.
pub const EMAIL_CHANGE_SECONDS: i64 = DAY;

/// How long an invitation is good, in seconds.
pub const INVITATION_SECONDS: i64 = 72 * HOUR;

/// What the token proves: that its bearer reads the mail of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Claim {
    /// That of a waiting registration.
    Registration { email: EmailAddress, registration: Id<id::Registration> },
    /// That of an account whose password was forgotten.
    Reset { user: Id<User> },
    /// That of an account that was made for its owner, who sets the first password with it.
    Invitation { user: Id<User>, email: EmailAddress },
    /// That which an account wants to have from now on.
    EmailChange { user: Id<User>, email: EmailAddress },
}

/// One mailed link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// What it proves.
    #[serde(flatten)]
    pub claim: Claim,
    /// When it was mailed.
    pub issued_at: Time,
    /// When it is void by itself.
    pub expires_at: Time,
}

impl Proof {
    /// A link that is good for `seconds` from now.
    pub fn issued(claim: Claim, now: Time, seconds: i64) -> Self {
        Proof { claim, issued_at: now, expires_at: now.plus_seconds(seconds) }
    }

    /// Whether it is still good.
    pub fn is_good(&self, now: Time) -> bool {
        now < self.expires_at
    }
}
