//! GET /api/v1/auth/session

use domain::identity::{SessionView, UserView};
use entry::{About, Answer, Shown, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show this session",
    description: "The session that the access token belongs to, and whose it is.",
    errors: &[],
};

/// A session and whose it is.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs)]
pub struct SessionAndUser {
    pub session: SessionView,
    pub user: UserView,
}

/// The caller was looked up just now: nothing more to load.
pub async fn handle(caller: SignedIn) -> Answer<Shown<SessionAndUser>> {
    let session = SessionView::seen_from(&caller.session, caller.session.id);
    Ok(Shown::new("Your session", SessionAndUser { session, user: UserView::from(&caller.account) }))
}
