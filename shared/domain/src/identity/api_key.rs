//! API keys: programs act as the key's owner, never beyond the owner's roles of the moment, cut by scopes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::scope::{Area, Scope};
use super::{Account, Role};
use crate::id::User;
use crate::text::KeyName;
use crate::{Id, Time, id};

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
        let in_reach = wanted.area != Area::Admin || owner.roles().contains(&Role::Administrator);
        in_reach && self.scopes.iter().any(|scope| scope.includes(wanted))
    }
}
