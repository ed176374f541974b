//! A link to confirm the new address of an account.

use domain::identity::events::MailEmailChange;
use entry::{Keyring, Settings, one_time};
use partners::mail::{Letter, Line, Mail};

use crate::{NoWords, link};

const SUBJECT: Line = Line::literal("Verify your new e-mail address");

pub(crate) fn compose(data: MailEmailChange, settings: &Settings, keyring: &Keyring) -> Result<Mail, NoWords> {
    let token = one_time::token(keyring, &data.kid, &data.proof_id.to_string());
    let token = token.ok_or(NoWords::KeyGone(data.kid))?;
    let letter = Letter::new(SUBJECT)
        .paragraph("Somebody wants to use this address for their account with Souk. If that was you, open this link:")
        .link(link::verify_email(settings, &token))
        .paragraph("Opening it changes nothing yet. Without a page that confirms it for you, send within 24 hours")
        .code(link::request(settings, "/api/v1/auth/verify-email", &format!("{{\"token\":\"{token}\"}}")))
        .paragraph("If it was not you, ignore this mail: nothing happens.");
    Ok(letter.addressed_to(data.email))
}
