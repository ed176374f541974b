//! An account was made. In the app alone: its owner has just proved the address by a mail.

use domain::identity::events::UserRegistered;

use crate::Words;

pub(crate) fn compose(_: UserRegistered) -> Words {
    Words::new(
        "Your account is ready. A second factor keeps it yours even if somebody learns your password.",
        "/profile",
    )
}
