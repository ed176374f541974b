//! GET /api/v1/users/profile

use domain::identity::UserView;
use entry::area::Profile;
use entry::{About, Answer, Caller, Shown};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show your profile",
    description: "The caller's own account. The ETag is its version, for If-Match on a change.",
    errors: &[],
};

/// The caller was looked up just now: nothing more to load.
pub async fn handle(caller: Caller<Profile>) -> Answer<Shown<UserView>> {
    let user = UserView::from(&caller.account);
    let version = user.version;
    Ok(Shown::new("Your profile", user).tagged(version))
}
