//! A link for somebody whom an administrator invites: it sets the first password of an account that waits for them.

use domain::identity::events::MailInvitation;
use entry::{Keyring, Settings, one_time};
use partners::mail::{Letter, Line, Mail};

use crate::{NoWords, link};

const SUBJECT: Line = Line::literal("You are invited");

pub(crate) fn compose(data: MailInvitation, settings: &Settings, keyring: &Keyring) -> Result<Mail, NoWords> {
    let token = one_time::token(keyring, &data.kid, &data.proof_id.to_string());
    let token = token.ok_or(NoWords::KeyGone(data.kid))?;
    let body = format!("{{\"token\":\"{token}\",\"password\":\"<your new password>\"}}");
    let letter = Letter::new(SUBJECT)
        .paragraph("An account with Souk was made for this address. To use it, open this link within 72 hours:")
        .link(link::verify_email(settings, &token))
        .paragraph(
            "Opening it changes nothing yet. The account is yours once you have chosen its first password. Without a page \
             that does it for you, send",
        )
        .code(link::request(settings, "/api/v1/auth/verify-email", &body))
        .paragraph("If you did not expect this, ignore this mail: without it nobody can sign in to that account.");
    Ok(letter.addressed_to(data.email))
}
