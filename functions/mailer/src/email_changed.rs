//! The address changed: the new one learns it, and so does the old one, whose owner may not have wanted it.

use domain::identity::events::UserEmailChanged;
use partners::mail::{Letter, Line, Mail};

const SUBJECT: Line = Line::literal("Your e-mail address was changed");

pub(crate) fn compose(data: UserEmailChanged) -> Vec<Mail> {
    let letter = || {
        Letter::new(SUBJECT)
            .paragraph(
                "The e-mail address of your account with Souk was changed. From now on sign in with the new one.",
            )
            .paragraph(
                "If that was not you, somebody else knows your password and can act for you: reset it while you still \
                 read the mail of either address, and write to us.",
            )
    };
    vec![letter().addressed_to(data.previous_email), letter().addressed_to(data.email)]
}
