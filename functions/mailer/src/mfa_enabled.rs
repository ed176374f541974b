//! A second factor was enabled; whoever did it unasked may lock the owner out.

use domain::event::Payload;
use domain::identity::events::UserMfaEnabled;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserMfaEnabled::ROW.title());

pub(crate) fn compose(_: UserMfaEnabled) -> Words {
    let what = "From now on signing in to your account takes a code of your authenticator besides the password. Every \
                session but the one it was enabled from has ended.";
    let letter = Letter::new(SUBJECT)
        .paragraph(what)
        .paragraph(
            "Keep the recovery codes where you find them without that device: each works once in place of a code.",
        )
        .paragraph("If that was not you, somebody else can sign in as you: reset your password now, and write to us.");
    Words::new(what, "/settings/security").mailing(letter)
}
