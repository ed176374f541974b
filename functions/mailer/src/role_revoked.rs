//! Somebody has a role less.

use domain::event::Payload;
use domain::identity::events::UserRoleRevoked;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserRoleRevoked::ROW.title());

pub(crate) fn compose(data: UserRoleRevoked) -> Words {
    let what = format!("Your account no longer has the role {}.", data.role);
    let mut letter = Letter::new(SUBJECT).paragraph(what.clone());
    if let Some(reason) = &data.reason {
        letter = letter.paragraph(format!("The reason given: {}", reason.as_str()));
    }
    let letter = letter.paragraph("What it let you do is refused from now on. If you know nothing of it, write to us.");
    Words::new(what, "/profile").with("role", data.role).mailing(letter)
}
