//! Somebody has a role more.

use domain::event::Payload;
use domain::identity::events::UserRoleGranted;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserRoleGranted::ROW.title());

pub(crate) fn compose(data: UserRoleGranted) -> Words {
    let what = format!("Your account has the role {}.", data.role);
    let mut letter = Letter::new(SUBJECT).paragraph(what.clone());
    if let Some(reason) = &data.reason {
        letter = letter.paragraph(format!("The reason given: {}", reason.as_str()));
    }
    let letter = letter.paragraph(
        "It works with your next sign-in, or once your session is renewed. If you know nothing of it, write to us.",
    );
    Words::new(what, "/profile").with("role", data.role).mailing(letter)
}
