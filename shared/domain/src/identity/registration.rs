//! A registration is not an account: it waits until somebody proves both its address and its password.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{EmailAddress, PasswordHash, Role};
use crate::text::{Locale, PersonName, Phone};
use crate::time::HOUR;
use crate::{Id, Time, id};

/// How long a registration waits, in seconds.
pub const WAITING_SECONDS: i64 = 24 * HOUR;
/// How many registrations of one address wait at once; a newer one displaces the oldest.
pub const MAX_WAITING: usize = 5;

/// A registration that waits for its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// Which one: an address may have several.
    pub id: Id<id::Registration>,
    /// The address to prove.
    pub email: EmailAddress,
    /// Who it would be.
    pub name: PersonName,
    /// The password to prove.
    pub password: PasswordHash,
    /// Open roles beyond `user`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub roles: BTreeSet<Role>,
    /// Telephone, E.164.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    /// Language.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<Locale>,
    /// The key that its mailed token is derived from, so that the link can be mailed again.
    pub kid: String,
    /// When it ends by itself.
    pub expires_at: Time,
}

impl Registration {
    /// Whether it still waits.
    pub fn is_waiting(&self, now: Time) -> bool {
        now < self.expires_at
    }
}
