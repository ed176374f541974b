//! Too many guesses locked an address that has an account.

use domain::Time;
use domain::event::Payload;
use domain::identity::events::UserLocked;
use domain::identity::guess::MAX_GUESSES;
use domain::time::MINUTE;
use partners::mail::{Letter, Line};

use crate::Words;

const SUBJECT: Line = Line::literal(UserLocked::ROW.title());

pub(crate) fn compose(data: UserLocked) -> Words {
    let until = to_the_minute(data.until);
    let what = format!(
        "Somebody tried to sign in to your account and failed {MAX_GUESSES} times. Until {until} nobody can sign in with a \
         password, not even with the right one. Where you are signed in already, you stay so."
    );
    let letter = Letter::new(SUBJECT)
        .paragraph(what.clone())
        .paragraph("If that was you, wait until then and try again.")
        .paragraph(
            "If it was not you, there is nothing you must do: these attempts got nobody in. A long password that you use \
             nowhere else keeps it so.",
        );
    Words::new(what, "/settings/security").with("until", data.until).mailing(letter)
}

/// `2026-11-20 10:30 UTC`, rounded up, so that nobody who waits for it comes too early.
fn to_the_minute(time: Time) -> String {
    let text = time.plus_seconds(MINUTE - 1).to_string().replace('T', " ");
    format!("{} UTC", text.get(..16).unwrap_or(&text))
}
