//! DELETE /api/v1/auth/sessions

use axum::extract::State;
use domain::identity::events::UserLoggedOut;
use entry::{About, Answer, Origin, Shown, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Auth;

/// What the document says.
pub const ABOUT: About =
    About { summary: "End all your other sessions", description: "Signs out everywhere but here.", errors: &[] };

/// How many there were.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Revoked {
    /// Sessions that ended by this.
    pub revoked: usize,
}

/// Each session ends in a transaction of its own and tells its own end.
pub async fn handle(State(auth): State<Auth>, caller: SignedIn, origin: Origin) -> Answer<Shown<Revoked>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let user = caller.account.id;
    let living = store.living_sessions(user, now).await?;
    let others: Vec<_> = living.into_iter().filter(|session| session.id != caller.session.id).collect();
    for session in &others {
        let told = UserLoggedOut { user_id: user, session_id: session.id, method: session.method };
        let event = auth.app.event(now, &origin, Some(user), &[user], &told)?;
        store.revoke_session(session, now, event).await?;
    }
    Ok(Shown::new("You are signed in here only", Revoked { revoked: others.len() }))
}
