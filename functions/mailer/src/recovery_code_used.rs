//! A recovery code took the place of the second factor.

use domain::event::Payload;
use domain::identity::events::UserRecoveryCodeUsed;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserRecoveryCodeUsed::ROW.title());

pub(crate) fn compose(_: UserRecoveryCodeUsed) -> Words {
    let what = "Somebody signed in to your account with your password and one of your recovery codes. That code works no \
                more.";
    let letter = Letter::new(SUBJECT)
        .paragraph(what)
        .paragraph("If few codes are left, make new ones: the old ones become void then.")
        .paragraph("If that was not you, somebody has both your password and your codes: reset your password now, and make new codes.");
    Words::new(what, "/settings/security").mailing(letter)
}
