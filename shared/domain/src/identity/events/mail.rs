//! Jobs for `mailer`. They tell nobody else, and hold no token: `mailer` derives it with key `kid`.

use serde::{Deserialize, Serialize};

use super::mail_job;
use crate::event::{Payload, Row};
use crate::identity::EmailAddress;
use crate::{Id, id};

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

/// Job for `mailer`: a link for somebody whom an administrator invites. Holds no token; `mailer` derives it with key `kid`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MailInvitation {
    pub email: EmailAddress,
    pub proof_id: Id<id::Proof>,
    pub kid: String,
}
impl Payload for MailInvitation {
    const ROW: &'static Row = &mail_job("mail.invitation");
}
