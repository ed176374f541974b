//! An administrator shut an account.

use domain::event::Payload;
use domain::identity::events::UserDisabled;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserDisabled::ROW.title());

pub(crate) fn compose(_: UserDisabled) -> Words {
    let what =
        "An administrator disabled your account. Nobody can sign in to it, and its sessions and keys have ended.";
    let letter = Letter::new(SUBJECT)
        .paragraph(what)
        .paragraph("Nothing of it was deleted. If you think that this is a mistake, write to us.");
    Words::new(what, "/profile").mailing(letter)
}
