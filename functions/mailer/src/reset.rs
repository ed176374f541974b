//! A link to reset a password, asked for by a public form.

use domain::identity::events::MailReset;
use entry::{Keyring, Settings, one_time};
use partners::mail::{Letter, Line, Mail};

use crate::{NoWords, link};

const SUBJECT: Line = Line::literal("Reset your password");

pub(crate) fn compose(data: MailReset, settings: &Settings, keyring: &Keyring) -> Result<Mail, NoWords> {
    let token = one_time::token(keyring, &data.kid, &data.proof_id.to_string());
    let token = token.ok_or(NoWords::KeyGone(data.kid))?;
    let body = format!("{{\"token\":\"{token}\",\"newPassword\":\"<your new password>\"}}");
    let letter = Letter::new(SUBJECT)
        .paragraph(
            "Somebody asked for a new password for your account. If that was you, open this link within an hour:",
        )
        .link(link::reset_password(settings, &token))
        .paragraph("It works once, and signs you out everywhere. Without a page that does it for you, send")
        .code(link::request(settings, "/api/v1/auth/password-reset", &body))
        .paragraph("If it was not you, ignore this mail: your password stays as it is.");
    Ok(letter.addressed_to(data.email))
}
