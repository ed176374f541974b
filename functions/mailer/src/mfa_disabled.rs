//! The second factor is gone, by its owner or by an administrator.

use domain::event::Payload;
use domain::identity::events::UserMfaDisabled;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserMfaDisabled::ROW.title());

pub(crate) fn compose(_: UserMfaDisabled) -> Words {
    let what = "From now on the password alone signs in to your account. Its recovery codes are void.";
    let letter = Letter::new(SUBJECT).paragraph(what).paragraph(
        "If you did not do that, and did not ask for it, reset your password now and enable a second factor again.",
    );
    Words::new(what, "/settings/security").mailing(letter)
}
