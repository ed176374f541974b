//! A refresh token came twice: of two holders one is a thief, and nobody can tell which, so the session was ended.

use domain::event::Payload;
use domain::identity::events::SessionReuseDetected;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(SessionReuseDetected::ROW.title());

pub(crate) fn compose(data: SessionReuseDetected) -> Words {
    let letter = Letter::new(SUBJECT)
        .paragraph(
            "A sign-in of yours was renewed with a token that had been used before. That happens when a token has been \
             copied, so the session it belongs to has been ended on every device that used it.",
        )
        .paragraph("Sign in again to go on. Your other sessions are not affected.")
        .paragraph(
            "If you did not copy it yourself, somebody else may have had access to the device or program you were \
             signed in with: look after it first, then change your password.",
        );
    let what = "A sign-in of yours was renewed with a token that had been used before, so that session was ended. If you \
                did not copy the token yourself, look after the device you were signed in with, then change your password.";
    Words::new(what, "/settings/security").with("sessionId", data.session_id).mailing(letter)
}
