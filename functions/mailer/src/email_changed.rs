//! The address changed: the new one learns it, and so does the old one, whose owner may not have wanted it.

use domain::event::Payload;
use domain::identity::events::UserEmailChanged;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserEmailChanged::ROW.title());
const WHAT: &str = "The e-mail address of your account with Souk was changed. From now on sign in with the new one.";

pub(crate) fn compose(data: UserEmailChanged) -> Words {
    let letter = || {
        Letter::new(SUBJECT).paragraph(WHAT).paragraph(
            "If that was not you, somebody else knows your password and can act for you: reset it while you still \
             read the mail of either address, and write to us.",
        )
    };
    let mails = vec![letter().addressed_to(data.previous_email), letter().addressed_to(data.email)];
    Words::new(WHAT, "/settings/security").mailing_to(mails)
}
