//! What happens to accounts, and the rows of the registry that say who is told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{EmailAddress, Reason, Role};
use crate::event::{Category, Payload, Queue, Row};
use crate::id::User;
use crate::text::PersonName;
use crate::{Id, Time, id};

/// The rows of this chapter.
pub const ROWS: &[&Row] = &[
    UserRegistered::ROW,
    UserUpdated::ROW,
    UserRoleGranted::ROW,
    UserEmailChanged::ROW,
    UserPasswordChanged::ROW,
    UserLocked::ROW,
    UserLoggedIn::ROW,
    UserLoggedOut::ROW,
    SessionReuseDetected::ROW,
    MailVerification::ROW,
    MailAlreadyRegistered::ROW,
    MailReset::ROW,
    MailEmailChange::ROW,
];

const fn row(name: &'static str, category: Category, queues: &'static [Queue]) -> Row {
    Row { name, category, is_public: true, queues }
}

const fn mail_job(name: &'static str) -> Row {
    Row { name, category: Category::Security, is_public: false, queues: &[Queue::Mailer] }
}

/// How an account came to be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// By the registration form.
    Form,
    /// By another service, or by the local cloud's demo data.
    Service,
}

/// An account was made.
#[derive(Debug, Serialize)]
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
    const ROW: &'static Row = &row("user.registered", Category::Account, &[]);
}

/// A profile changed; `changed` names its fields.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserUpdated {
    pub user_id: Id<User>,
    pub changed: Vec<String>,
}
impl Payload for UserUpdated {
    const ROW: &'static Row = &row("user.updated", Category::Account, &[]);
}

/// Somebody got a role that others must grant.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserRoleGranted {
    pub user_id: Id<User>,
    pub role: Role,
    pub reason: Reason,
}
impl Payload for UserRoleGranted {
    const ROW: &'static Row = &row("user.role_granted", Category::Account, &[]);
}

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
    const ROW: &'static Row = &row("user.email_changed", Category::Security, &[Queue::Mailer]);
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
    const ROW: &'static Row = &row("user.password_changed", Category::Security, &[Queue::Mailer]);
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
    const ROW: &'static Row = &row("user.locked", Category::Security, &[Queue::Mailer]);
}

/// Somebody signed in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserLoggedIn {
    pub user_id: Id<User>,
    pub session_id: Id<id::Session>,
    pub method: super::session::Method,
}
impl Payload for UserLoggedIn {
    const ROW: &'static Row = &row("user.logged_in", Category::Security, &[]);
}

/// Somebody signed out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UserLoggedOut {
    pub user_id: Id<User>,
    pub session_id: Id<id::Session>,
    pub method: super::session::Method,
}
impl Payload for UserLoggedOut {
    const ROW: &'static Row = &row("user.logged_out", Category::Security, &[]);
}

/// A refresh token came twice, long after it was replaced: the session is dead.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct SessionReuseDetected {
    pub user_id: Id<User>,
    pub session_id: Id<id::Session>,
}
impl Payload for SessionReuseDetected {
    const ROW: &'static Row = &row("user.session_reuse_detected", Category::Security, &[Queue::Mailer]);
}

/// Job for `mailer`: the link of a waiting registration. Holds no token; `mailer` derives it with key `kid`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MailVerification {
    pub email: EmailAddress,
    pub registration_id: Id<id::Registration>,
    pub kid: String,
}
impl Payload for MailVerification {
    const ROW: &'static Row = &mail_job("mail.verification");
}

/// Job for `mailer`: somebody registered an address that has an account.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MailAlreadyRegistered {
    pub email: EmailAddress,
}
impl Payload for MailAlreadyRegistered {
    const ROW: &'static Row = &mail_job("mail.already_registered");
}

/// Job for `mailer`: a link to reset a password. Holds no token; `mailer` derives it with key `kid`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MailReset {
    pub email: EmailAddress,
    pub proof_id: Id<id::Proof>,
    pub kid: String,
}
impl Payload for MailReset {
    const ROW: &'static Row = &mail_job("mail.reset");
}

/// Job for `mailer`: a link to confirm a new address.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MailEmailChange {
    pub email: EmailAddress,
    pub proof_id: Id<id::Proof>,
    pub kid: String,
}
impl Payload for MailEmailChange {
    const ROW: &'static Row = &mail_job("mail.email_change");
}
