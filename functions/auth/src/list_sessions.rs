//! GET /api/v1/auth/sessions

use axum::extract::State;
use domain::identity::SessionView;
use entry::{About, Answer, Shown, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List your sessions",
    description: "Every session of the account that lives, newest first, at most 20: where you are signed in.",
    errors: &[],
};

/// The sessions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sessions {
    /// Newest first.
    pub sessions: Vec<SessionView>,
}

/// One range of the account's partition.
pub async fn handle(State(auth): State<Auth>, caller: SignedIn) -> Answer<Shown<Sessions>> {
    let living = auth.app.store.living_sessions(caller.account.id, auth.app.clock.now()).await?;
    let seen = living.iter().rev().map(|session| SessionView::seen_from(session, caller.session.id));
    Ok(Shown::new("Your sessions", Sessions { sessions: seen.collect() }))
}
