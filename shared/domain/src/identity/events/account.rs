//! What happens to accounts as such.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::row;
use crate::Id;
use crate::event::{Category, Payload, Queue, Row};
use crate::id::User;
use crate::identity::{EmailAddress, Reason, Role};
use crate::text::PersonName;

/// How an account came to be.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// By the registration form.
    Form,
    /// By an administrator.
    Admin,
    /// By another service, or by the local cloud's demo data.
    Service,
}

/// An account was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserRegistered {
    pub user_id: Id<User>,
    pub email: EmailAddress,
    pub name: PersonName,
    pub roles: BTreeSet<Role>,
    pub source: Source,
}
impl Payload for UserRegistered {
    const ROW: &'static Row = &row("user.registered", Category::Account, &[Queue::Mailer, Queue::Projector]).told_in_app("Welcome to Souk").showing(
        "An account was made.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","email":"ada@example.com","name":"Ada Lovelace","roles":["user","host"],"source":"form"}"#,
    );
}

/// A profile changed; `changed` names its fields.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserUpdated {
    pub user_id: Id<User>,
    pub changed: Vec<String>,
}
impl Payload for UserUpdated {
    const ROW: &'static Row = &row("user.updated", Category::Account, &[Queue::Projector]).showing(
        "A profile changed; `changed` names the fields.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","changed":["bio","username"]}"#,
    );
}

/// Somebody got a role, of their own choice or for a reason.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserRoleGranted {
    pub user_id: Id<User>,
    pub role: Role,
    pub reason: Option<Reason>,
}
impl Payload for UserRoleGranted {
    const ROW: &'static Row = &row("user.role_granted", Category::Account, &[Queue::Mailer, Queue::Projector])
        .told("A role was granted")
        .showing(
            "Somebody got a role that only others can give.",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","role":"provider","reason":"Nodes inspected"}"#,
        );
}

/// Somebody lost a role, of their own choice or for a reason.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserRoleRevoked {
    pub user_id: Id<User>,
    pub role: Role,
    pub reason: Option<Reason>,
}
impl Payload for UserRoleRevoked {
    const ROW: &'static Row = &row("user.role_revoked", Category::Account, &[Queue::Mailer, Queue::Projector])
        .told("A role was revoked")
        .showing(
            "Somebody lost a role.",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","role":"provider","reason":"Nodes withdrawn"}"#,
        );
}

/// An administrator shut an account: no sign-in, no key, no token of it works any more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserDisabled {
    pub user_id: Id<User>,
}
impl Payload for UserDisabled {
    const ROW: &'static Row = &row("user.disabled", Category::Account, &[Queue::Mailer, Queue::Projector])
        .told("Your account was disabled")
        .showing(
            "An administrator shut an account: nothing of it works any more.",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q"}"#,
        );
}

/// An administrator opened an account again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserEnabled {
    pub user_id: Id<User>,
}
impl Payload for UserEnabled {
    const ROW: &'static Row = &row("user.enabled", Category::Account, &[Queue::Mailer, Queue::Projector])
        .told("Your account was enabled")
        .showing("An administrator opened an account again.", r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q"}"#);
}
