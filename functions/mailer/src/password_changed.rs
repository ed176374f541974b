//! The password changed, by its owner or by a mailed link.

use domain::event::Payload;
use domain::identity::events::{How, UserPasswordChanged};
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserPasswordChanged::ROW.title());
const IF_NOT_YOU: &str = "If that was not you, reset your password now: whoever did it can sign in with the new one.";

pub(crate) fn compose(data: UserPasswordChanged) -> Words {
    let (how, what) = match data.how {
        How::Change => (
            "change",
            "The password of your account was changed. Every session but the one it was changed from has ended.",
        ),
        How::Reset => {
            ("reset", "The password of your account was reset by a link we mailed you. Every session has ended.")
        }
    };
    Words::new(format!("{what} {IF_NOT_YOU}"), "/settings/security")
        .with("how", how)
        .mailing(Letter::new(SUBJECT).paragraph(what).paragraph(IF_NOT_YOU))
}
