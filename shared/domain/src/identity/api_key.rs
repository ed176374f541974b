//! API keys: programs act as the key's owner, never beyond the owner's roles of the moment, cut by scopes.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scope::{Area, Scope};
use super::{Account, Role};
use crate::id::User;
use crate::text::KeyName;
use crate::time::{DAY, HOUR};
use crate::{Id, Time, id};

/// The most living keys of one account.
pub const MAX_LIVING: usize = 20;
/// How long a key lives at most, in days.
pub const MAX_DAYS: u16 = 365;
/// How long a key lives when nobody says how long, in days.
pub const DEFAULT_DAYS: u16 = 90;
/// The most scopes that may be listed; there are fewer.
pub const MAX_SCOPES: usize = 20;
/// Ended keys are kept this long for the list of activity, in seconds.
pub const KEPT_SECONDS: i64 = 90 * DAY;
/// When a key was last used is noted at most this often, in seconds.
pub const USE_NOTED_SECONDS: i64 = HOUR;
/// How every key begins, so that people and programs that look for leaked secrets know one when they see it.
pub const MARK: &str = "souk_";

/// One key. Of its secret only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Which one.
    pub id: Id<id::ApiKey>,
    /// Whose.
    pub user: Id<User>,
    /// What its owner calls it.
    pub name: KeyName,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// SHA-256 of its secret, base64url.
    pub hash: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<Time>,
}

impl ApiKey {
    /// Whether it opens anything.
    pub fn is_living(&self, now: Time) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether it may do what `wanted` stands for, its owner being `owner` by now: staff's area opens only while the owner
    /// is an administrator.
    pub fn allows(&self, wanted: Scope, owner: &Account) -> bool {
        let in_reach = wanted.area != Area::Admin || owner.granted.contains(&Role::Administrator);
        in_reach && self.scopes.iter().any(|scope| scope.includes(wanted))
    }

    /// The names of its scopes.
    pub fn scope_names(&self) -> Vec<String> {
        self.scopes.iter().map(ToString::to_string).collect()
    }
}

/// A key as its owner sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApiKey")]
#[allow(missing_docs)]
pub struct ApiKeyView {
    pub id: Id<id::ApiKey>,
    pub name: KeyName,
    /// How the key begins, for recognising it.
    pub prefix: String,
    pub scopes: BTreeSet<Scope>,
    pub created_at: Time,
    pub expires_at: Time,
    /// When it was last used, give or take an hour.
    pub last_used_at: Option<Time>,
}

impl ApiKeyView {
    /// The key, last used then.
    pub fn of(key: &ApiKey, last_used_at: Option<Time>) -> Self {
        ApiKeyView {
            id: key.id,
            name: key.name.clone(),
            prefix: format!("{MARK}{}", key.id),
            scopes: key.scopes.clone(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(granted: &[Role]) -> Account {
        let at = Time::from_millis(0);
        let new = Account::new(Id::new(at, [1; 10]), "Ada".parse().unwrap(), "ada@example.com".parse().unwrap(), at);
        Account { granted: granted.iter().copied().collect(), ..new }
    }

    fn key(scopes: &[&str]) -> ApiKey {
        let at = Time::from_millis(0);
        ApiKey {
            id: Id::new(at, [2; 10]),
            user: Id::new(at, [1; 10]),
            name: "Nightly report".parse().unwrap(),
            scopes: scopes.iter().map(|scope| scope.parse().unwrap()).collect(),
            hash: String::new(),
            created_at: at,
            expires_at: at.plus_seconds(DAY),
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_lives_until_it_expires_or_is_revoked() {
        let key = key(&["wallet:read"]);
        assert!(key.is_living(key.expires_at.plus_seconds(-1)));
        assert!(!key.is_living(key.expires_at));
        let revoked = ApiKey { revoked_at: Some(key.created_at), ..key };
        assert!(!revoked.is_living(revoked.created_at));
    }

    #[test]
    fn staffs_area_opens_for_administrators_keys_only() {
        let (read, write): (Scope, Scope) = ("admin:read".parse().unwrap(), "admin:write".parse().unwrap());
        let everything = key(&["admin:write", "wallet:write"]);
        assert!(everything.allows(write, &account(&[Role::Administrator])));
        assert!(!everything.allows(read, &account(&[Role::Operator])), "once was one");
        assert!(everything.allows("wallet:read".parse().unwrap(), &account(&[])));
        assert!(!key(&["admin:read"]).allows(write, &account(&[Role::Administrator])));
    }
}
