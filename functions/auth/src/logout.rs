//! POST /api/v1/auth/logout

use axum::extract::State;
use domain::identity::events::UserLoggedOut;
use entry::{About, Answer, Nothing, OptionalBody, Origin, Shown, SignedIn};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Sign out",
    description: "Ends this session, or all of the account's with `everywhere`. Their access tokens stop at once here \
                  and within 60 seconds everywhere.",
    errors: &[],
};

/// How far.
#[derive(Debug, Default, Deserialize, JsonSchema, Validate)]
#[serde(default)]
pub struct Logout {
    /// All sessions, not only this one.
    #[garde(skip)]
    pub everywhere: bool,
}

/// Each session ends in a transaction of its own and tells its own end.
pub async fn handle(
    State(auth): State<Auth>,
    caller: SignedIn,
    origin: Origin,
    OptionalBody(body): OptionalBody<Logout>,
) -> Answer<Shown<Nothing>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let user = caller.account.id;
    let ending = match body.everywhere {
        true => store.living_sessions(user, now).await?,
        false => vec![caller.session],
    };
    for session in ending {
        let told = UserLoggedOut { user_id: user, session_id: session.id, method: session.method };
        let event = auth.app.event(now, &origin, Some(user), &[user], &told)?;
        store.revoke_session(&session, now, event).await?;
    }
    Ok(Shown::new("You are signed out", Nothing {}))
}
