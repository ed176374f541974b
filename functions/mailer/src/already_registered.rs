//! Told instead of a link when the address has an account: the one who registered learns nothing, the owner does. Whoever
//! asked may be a stranger, so nothing they wrote stands in this mail.

use domain::identity::events::MailAlreadyRegistered;
use entry::Settings;
use partners::mail::{Letter, Line, Mail};

const SUBJECT: Line = Line::literal("You already have an account");

pub(crate) fn compose(data: MailAlreadyRegistered, settings: &Settings) -> Mail {
    Letter::new(SUBJECT)
        .paragraph("Somebody tried to register with Souk using this address, which already has an account.")
        .paragraph("If that was you, there is nothing to register: sign in with the password of your account.")
        .link(settings.frontend_url.as_str())
        .paragraph("If it was not you, ignore this mail: nothing has changed, and they were not told of your account.")
        .addressed_to(data.email)
}
