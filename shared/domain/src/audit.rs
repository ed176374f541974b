//! The trail of privileged acts: who did what to whom, when, from where and why. An entry is written in the transaction of
//! its act, and nothing changes or removes it for two years.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::id::User;
use crate::identity::Reason;
use crate::time::DAY;
use crate::{Id, Invalid, Time, id};

/// How long an entry is kept, in seconds.
pub const KEPT_SECONDS: i64 = 2 * 365 * DAY;
/// The longest span that may be asked for at once, in seconds.
pub const MAX_SPAN_SECONDS: i64 = 90 * DAY;

/// A kind of privileged act. Each chapter adds its own, here and to [`Action::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Somebody made an account for somebody else.
    UserCreated,
    /// Somebody changed somebody else's profile or address.
    UserUpdated,
    /// Somebody gave or took roles.
    UserRolesChanged,
    /// Somebody disabled or enabled an account.
    UserStatusChanged,
    /// Somebody made somebody else choose a new password.
    UserResetForced,
    /// Somebody signed somebody else out.
    UserSessionsRevoked,
    /// Somebody removed somebody else's second factor.
    UserMfaRemoved,
    /// Somebody put a second factor before their account.
    UserMfaEnabled,
    /// Somebody took their second factor away.
    UserMfaDisabled,
    /// Somebody made new recovery codes.
    UserRecoveryCodesRenewed,
    /// Somebody made an API key.
    UserApiKeyCreated,
    /// Somebody revoked an API key.
    UserApiKeyRevoked,
    /// Somebody replaced the signing secret of a webhook endpoint.
    WebhookSecretRotated,
}

impl Action {
    /// Every action.
    pub const ALL: &[Action] = &[
        Action::UserCreated,
        Action::UserUpdated,
        Action::UserRolesChanged,
        Action::UserStatusChanged,
        Action::UserResetForced,
        Action::UserSessionsRevoked,
        Action::UserMfaRemoved,
        Action::UserMfaEnabled,
        Action::UserMfaDisabled,
        Action::UserRecoveryCodesRenewed,
        Action::UserApiKeyCreated,
        Action::UserApiKeyRevoked,
        Action::WebhookSecretRotated,
    ];

    /// `noun.verb`, as entries say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::UserCreated => "user.created",
            Action::UserUpdated => "user.updated",
            Action::UserRolesChanged => "user.roles_changed",
            Action::UserStatusChanged => "user.status_changed",
            Action::UserResetForced => "user.reset_forced",
            Action::UserSessionsRevoked => "user.sessions_revoked",
            Action::UserMfaRemoved => "user.mfa_removed",
            Action::UserMfaEnabled => "user.mfa_enabled",
            Action::UserMfaDisabled => "user.mfa_disabled",
            Action::UserRecoveryCodesRenewed => "user.recovery_codes_renewed",
            Action::UserApiKeyCreated => "user.api_key_created",
            Action::UserApiKeyRevoked => "user.api_key_revoked",
            Action::WebhookSecretRotated => "webhook_endpoint.secret_rotated",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Action {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Action::ALL.iter().copied().find(|action| action.as_str() == text);
        found.ok_or("is not an action that is audited".into())
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Action {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AuditAction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// What kind of principal acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActorType {
    /// A person; the id is their account's.
    User,
    /// A tool in an operator's hands, or a setting; the id is its name.
    Tool,
}

/// What kind of thing was acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
    /// An account.
    User,
    /// A webhook endpoint.
    WebhookEndpoint,
}

/// What was done, to what, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    /// What.
    pub action: Action,
    /// To what kind of thing.
    pub target_type: TargetType,
    /// To which one.
    pub target_id: String,
    /// Why, where somebody was asked.
    pub reason: Option<Reason>,
    /// What it was and what it is, by field.
    pub changes: BTreeMap<String, [Value; 2]>,
}

impl Act {
    /// An act upon an account.
    pub fn upon_user(action: Action, user: Id<User>) -> Self {
        Act {
            action,
            target_type: TargetType::User,
            target_id: user.to_string(),
            reason: None,
            changes: BTreeMap::new(),
        }
    }

    /// An act upon a webhook endpoint.
    pub fn upon_endpoint(action: Action, endpoint: Id<id::Endpoint>) -> Self {
        Act {
            action,
            target_type: TargetType::WebhookEndpoint,
            target_id: endpoint.to_string(),
            reason: None,
            changes: BTreeMap::new(),
        }
    }

    /// Adds why.
    pub fn because(self, reason: Reason) -> Self {
        Act { reason: Some(reason), ..self }
    }

    /// Adds a field that changed. What people see may stand here; no hash, key or token has a way into a [`Value`].
    pub fn changing(mut self, field: impl Into<String>, from: impl Into<Value>, to: impl Into<Value>) -> Self {
        self.changes.insert(field.into(), [from.into(), to.into()]);
        self
    }
}

/// Who acted, in which request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// Who.
    pub actor_id: String,
    /// What that is.
    pub actor_type: ActorType,
    /// From which address; empty for tools.
    pub ip: String,
    /// The request's id.
    pub request_id: String,
}

/// One entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct Entry {
    /// Which one.
    pub id: Id<id::Audit>,
    /// When.
    pub at: Time,
    /// Who.
    #[serde(flatten)]
    pub actor: Actor,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_flat_and_is_read_back() {
        let at = Time::from_millis(1_795_168_800_000);
        let user = Id::new(at, [1; 10]);
        let act = Act::upon_user(Action::UserStatusChanged, user).because("spam".parse().unwrap());
        let entry = Entry {
            id: Id::new(at, [2; 10]),
            at,
            actor: Actor {
                actor_id: "usr_1".into(),
                actor_type: ActorType::User,
                ip: "192.0.2.1".into(),
                request_id: "r".into(),
            },
            act: act.changing("status", "active", "disabled"),
        };
        let json = serde_json::to_value(&entry).unwrap();
        assert_eq!(json["action"], "user.status_changed");
        assert_eq!(json["targetId"], user.to_string());
        assert_eq!(json["changes"]["status"], serde_json::json!(["active", "disabled"]));
        assert_eq!(serde_json::from_value::<Entry>(json).unwrap(), entry);
    }

    #[test]
    fn actions_have_one_name_each() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
        }
        assert!("user.hugged".parse::<Action>().is_err());
    }
}
