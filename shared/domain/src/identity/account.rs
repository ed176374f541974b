//! An account: one person, all roles.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EmailAddress, PasswordHash, Profile, Registration, Role};
use crate::id::User;
use crate::text::{PersonName, Username};
use crate::{Id, Time};

/// Whether an account works. Locked is not a status but a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It works.
    #[default]
    Active,
    /// An administrator has stopped it: no login, refresh, key or existing token.
    Disabled,
}

impl Status {
    /// The name in requests, answers and items.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Disabled => "disabled",
        }
    }
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Whose it is.
    pub id: Id<User>,
    /// What they are called.
    pub name: PersonName,
    /// Their address.
    pub email: EmailAddress,
    /// Whether nobody has shown yet that its mail reaches them: they were invited, and have not come.
    #[serde(skip_serializing_if = "is_false", default)]
    pub email_unproven: bool,
    /// Their unique short name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub username: Option<Username>,
    /// Absent when they only ever signed in elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<PasswordHash>,
    /// Roles beyond `user`, which everybody has.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub granted: BTreeSet<Role>,
    /// Whether it works.
    pub status: Status,
    /// What they say of themselves.
    #[serde(flatten)]
    pub profile: Profile,
    /// When it was made.
    pub created_at: Time,
    /// When the password was last changed; links to reset it that were mailed before are void.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password_changed_at: Option<Time>,
    /// When its owner or staff last changed it.
    pub updated_at: Time,
    /// When somebody last signed in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_login_at: Option<Time>,
    /// How many API keys were ever made; of two that are made at once, one sees the other.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub keys_made: u32,
    /// Since when a second factor is asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mfa_enabled_at: Option<Time>,
    /// Counts changes; the ETag of the profile.
    pub version: u64,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Account {
    /// An account made now, with nothing but a name and an address.
    pub fn new(id: Id<User>, name: PersonName, email: EmailAddress, now: Time) -> Self {
        Account {
            id,
            name,
            email,
            email_unproven: false,
            username: None,
            password: None,
            granted: BTreeSet::new(),
            status: Status::Active,
            profile: Profile::default(),
            created_at: now,
            password_changed_at: None,
            updated_at: now,
            last_login_at: None,
            keys_made: 0,
            mfa_enabled_at: None,
            version: 1,
        }
    }

    /// The account that a proven registration becomes.
    pub fn from_registration(id: Id<User>, registration: Registration, now: Time) -> Self {
        Account {
            password: Some(registration.password),
            granted: registration.roles,
            profile: Profile { phone: registration.phone, locale: registration.locale, ..Profile::default() },
            ..Account::new(id, registration.name, registration.email, now)
        }
    }

    /// All roles, `user` first.
    pub fn roles(&self) -> BTreeSet<Role> {
        std::iter::once(Role::User).chain(self.granted.iter().copied()).collect()
    }
}
