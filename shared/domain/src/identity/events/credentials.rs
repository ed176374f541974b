//! What happens to that which somebody signs in with: address, password, second factor, keys.

use serde::{Deserialize, Serialize};

use super::row;
use crate::event::{Category, Payload, Queue, Row};
use crate::id::User;
use crate::identity::EmailAddress;
use crate::{Id, Time, id};

/// The address changed; both the old and the new one are told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserEmailChanged {
    pub user_id: Id<User>,
    pub previous_email: EmailAddress,
    pub email: EmailAddress,
}
impl Payload for UserEmailChanged {
    const ROW: &'static Row = &row("user.email_changed", Category::Security, &[Queue::Mailer, Queue::Projector]).told("Your e-mail address was changed").showing(
        "The address of an account changed.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","previousEmail":"ada@example.com","email":"ada@example.org"}"#,
    );
}

/// How a password changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// By its owner, who knew it.
    Change,
    /// By a mailed link.
    Reset,
}

/// The password changed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserPasswordChanged {
    pub user_id: Id<User>,
    pub how: How,
}
impl Payload for UserPasswordChanged {
    const ROW: &'static Row =
        &row("user.password_changed", Category::Security, &[Queue::Mailer]).told("Your password was changed").showing(
            "A password changed, by its owner (`change`) or by a mailed link (`reset`).",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","how":"change"}"#,
        );
}

/// Too many guesses locked an address.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserLocked {
    pub user_id: Id<User>,
    pub until: Time,
}
impl Payload for UserLocked {
    const ROW: &'static Row = &row("user.locked", Category::Security, &[Queue::Mailer])
        .told("Your account is locked for 30 minutes")
        .showing(
            "Too many wrong guesses: nobody signs in with a password until then.",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","until":"2026-11-20T10:30:00.000Z"}"#,
        );
}

/// A second factor protects the account from now on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserMfaEnabled {
    pub user_id: Id<User>,
}
impl Payload for UserMfaEnabled {
    const ROW: &'static Row = &row("user.mfa_enabled", Category::Security, &[Queue::Mailer, Queue::Projector])
        .told("A second factor was enabled")
        .showing("A second factor protects the account from now on.", r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q"}"#);
}

/// The second factor is gone, by its owner or by an administrator.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserMfaDisabled {
    pub user_id: Id<User>,
}
impl Payload for UserMfaDisabled {
    const ROW: &'static Row = &row("user.mfa_disabled", Category::Security, &[Queue::Mailer, Queue::Projector])
        .told("A second factor was disabled")
        .showing("The second factor of an account is gone.", r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q"}"#);
}

/// A recovery code took the place of the second factor; it works no more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserRecoveryCodeUsed {
    pub user_id: Id<User>,
}
impl Payload for UserRecoveryCodeUsed {
    const ROW: &'static Row =
        &row("user.recovery_code_used", Category::Security, &[Queue::Mailer]).told("A recovery code was used").showing(
            "A recovery code took the place of the second factor.",
            r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q"}"#,
        );
}

/// An API key was made; it acts as its owner within its scopes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserApiKeyCreated {
    pub user_id: Id<User>,
    pub api_key_id: Id<id::ApiKey>,
    pub name: String,
    pub scopes: Vec<String>,
}
impl Payload for UserApiKeyCreated {
    const ROW: &'static Row = &row("user.api_key_created", Category::Security, &[Queue::Mailer]).told("An API key was created").showing(
        "An API key was made.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","apiKeyId":"key_01h455vb4pex5vsknk084sn02q","name":"deploy","scopes":["compute:write"]}"#,
    );
}

/// An API key was revoked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserApiKeyRevoked {
    pub user_id: Id<User>,
    pub api_key_id: Id<id::ApiKey>,
    pub name: String,
    pub scopes: Vec<String>,
}
impl Payload for UserApiKeyRevoked {
    const ROW: &'static Row = &row("user.api_key_revoked", Category::Security, &[]).showing(
        "An API key was revoked.",
        r#"{"userId":"usr_01h455vb4pex5vsknk084sn02q","apiKeyId":"key_01h455vb4pex5vsknk084sn02q","name":"deploy","scopes":["compute:write"]}"#,
    );
}
