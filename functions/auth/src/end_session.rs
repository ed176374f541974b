//! DELETE /api/v1/auth/sessions/{id}

use axum::extract::State;
use domain::identity::events::UserLoggedOut;
use domain::{Failure, Id, id};
use entry::{About, Answer, Nothing, Origin, Path, Shown, SignedIn};

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "End one of your sessions",
    description: "Signs that device out. A session that has ended, or is somebody else's, does not exist here.",
    errors: &[],
};

/// Somebody else's session is looked for among the caller's own, and not found.
pub async fn handle(
    State(auth): State<Auth>,
    caller: SignedIn,
    origin: Origin,
    Path(id): Path<Id<id::Session>>,
) -> Answer<Shown<Nothing>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let user = caller.account.id;
    let session = store.session(user, id).await?.filter(|session| session.is_living(now));
    let session = session.ok_or_else(Failure::not_found)?;
    let told = UserLoggedOut { user_id: user, session_id: id, method: session.method };
    let event = auth.app.event(now, &origin, Some(user), &[user], &told)?;
    store.revoke_session(&session, now, event).await?;
    Ok(Shown::new("The session has ended", Nothing {}))
}
