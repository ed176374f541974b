//! What a person sees of their own sign-ins, and of what happened to that which they sign in with.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::events::{UserApiKeyCreated, UserLoggedIn};
use super::{ApiKey, Session};
use crate::Time;
use crate::event::{Category, Event, Payload};
use crate::time::DAY;

/// As far back as it goes, in seconds.
pub const KEPT_SECONDS: i64 = 90 * DAY;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The id of the session, key or event.
    pub id: String,
    /// When.
    pub at: Time,
    /// What, as the type of its event.
    pub action: String,
    /// From which address, where that is kept.
    pub ip: Option<String>,
    /// With what, where that is kept.
    pub user_agent: Option<String>,
    /// In which session, where it was in one.
    pub session_id: Option<String>,
}

impl From<&Session> for Activity {
    fn from(session: &Session) -> Self {
        Activity {
            id: session.id.to_string(),
            at: session.created_at,
            action: UserLoggedIn::ROW.name.to_owned(),
            ip: Some(session.ip.clone()),
            user_agent: Some(session.user_agent.clone()),
            session_id: Some(session.id.to_string()),
        }
    }
}

impl From<&ApiKey> for Activity {
    fn from(key: &ApiKey) -> Self {
        Activity {
            id: key.id.to_string(),
            at: key.created_at,
            action: UserApiKeyCreated::ROW.name.to_owned(),
            ip: None,
            user_agent: None,
            session_id: None,
        }
    }
}

impl Activity {
    /// What an event tells the person whom it concerns; nothing where it is not about how they sign in.
    pub fn told(event: &Event) -> Option<Self> {
        event.row().filter(|row| row.is_public && row.category == Category::Security)?;
        Some(Activity {
            id: event.id.to_string(),
            at: event.occurred_at,
            action: event.name.clone(),
            ip: None,
            user_agent: None,
            session_id: event.data.get("sessionId").and_then(Value::as_str).map(str::to_owned),
        })
    }
}
