//! An administrator opened an account again.

use domain::event::Payload;
use domain::identity::events::UserEnabled;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserEnabled::ROW.title());

pub(crate) fn compose(_: UserEnabled) -> Words {
    let what = "An administrator enabled your account again: sign in as before.";
    let letter = Letter::new(SUBJECT).paragraph(what);
    Words::new(what, "/profile").mailing(letter)
}
