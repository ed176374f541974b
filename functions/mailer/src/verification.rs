//! The link of a registration that waits. Whoever asked for it is unproven, so nothing they wrote stands in this mail.

use domain::identity::events::MailVerification;
use domain::identity::registration::WAITING_SECONDS;
use domain::time::HOUR;
use entry::{Keyring, Settings, one_time};
use partners::mail::{Letter, Line, Mail};

use crate::{NoWords, link};

const SUBJECT: Line = Line::literal("Verify your e-mail address");
const WAITING_HOURS: i64 = WAITING_SECONDS / HOUR;

pub(crate) fn compose(data: MailVerification, settings: &Settings, keyring: &Keyring) -> Result<Mail, NoWords> {
    let token = one_time::token(keyring, &data.kid, &data.registration_id.to_string());
    let token = token.ok_or(NoWords::KeyGone(data.kid))?;
    let body = format!("{{\"token\":\"{token}\",\"password\":\"<your password>\"}}");
    let letter = Letter::new(SUBJECT)
        .paragraph("This address was used to register with Souk. If that was you, open this link:")
        .link(link::verify_email(settings, &token))
        .paragraph(format!(
            "Opening it changes nothing yet. Your account is made when the token is sent together with the password \
             you registered with, within {WAITING_HOURS} hours of registering. Without a page that does it for you, send"
        ))
        .code(link::request(settings, "/api/v1/auth/verify-email", &body))
        .paragraph("If it was not you, ignore this mail: without that password nothing happens.");
    Ok(letter.addressed_to(data.email))
}
