//! The password changed, by its owner or by a mailed link.

use domain::identity::events::{How, UserPasswordChanged};
use partners::mail::{Letter, Line};

const SUBJECT: Line = Line::literal("Your password was changed");

pub(crate) fn compose(data: UserPasswordChanged) -> Letter {
    let what = match data.how {
        How::Change => {
            "The password of your account was changed. Every session but the one it was changed from has ended."
        }
        How::Reset => "The password of your account was reset by a link we mailed you. Every session has ended.",
    };
    Letter::new(SUBJECT)
        .paragraph(what)
        .paragraph("If that was not you, reset your password now: whoever did it can sign in with the new one.")
}
