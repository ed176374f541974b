//! DELETE /api/v1/users/{id}/sessions

use axum::extract::State;
use domain::audit::Action;
use domain::identity::events::MailReset;
use domain::{Id, id};
use entry::{About, Administrator, Answer, As, Origin, Path, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Users;
use crate::credential_act::Upon;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Sign somebody out everywhere",
    description: "Ends all their sessions, here at once and within 60 seconds everywhere. Audited.",
    errors: &[],
};

/// How many there were.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RevokedOfUser")]
pub struct Revoked {
    /// Sessions that ended by this.
    pub revoked: usize,
}

/// Nothing is mailed.
pub async fn handle(
    State(users): State<Users>,
    administrator: As<Administrator>,
    origin: Origin,
    Path(of): Path<Id<id::User>>,
) -> Answer<Shown<Revoked>> {
    let by = administrator.caller.account.id;
    let upon = Upon { users: &users, origin: &origin, by, of, action: Action::UserSessionsRevoked };
    let revoked = upon.end_sessions::<MailReset, _>(|_, _| Ok(None)).await?;
    Ok(Shown::new("They are signed out", Revoked { revoked }))
}
