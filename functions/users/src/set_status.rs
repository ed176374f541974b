//! PATCH /api/v1/users/{id}/status

use axum::extract::State;
use domain::audit::Action;
use domain::identity::{Reason, Status, UserView};
use domain::{Code, Id, id};
use entry::{About, Administrator, Answer, App, As, Body, Checked, IfMatch, Origin, Path, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::person_change::Change;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Disable or enable somebody",
    description: "Disabling ends all sessions and keys: no login, refresh or token of theirs works, here at once and within \
                  60 seconds everywhere. Enabling lets them sign in anew. The last administrator cannot be disabled. \
                  Audited.",
    errors: &[Code::Conflict, Code::LastAdministrator],
};

/// Whether the account works, and why.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[allow(missing_docs)]
pub struct SetStatus {
    #[garde(skip)]
    pub status: Status,
    #[garde(dive)]
    pub reason: Checked<Reason>,
}

/// What was open ends in the same transaction.
pub async fn handle(
    State(app): State<App>,
    administrator: As<Administrator>,
    origin: Origin,
    expected: IfMatch,
    Path(of): Path<Id<id::User>>,
    Body(body): Body<SetStatus>,
) -> Answer<Shown<UserView>> {
    let change = Change {
        app: &app,
        origin: &origin,
        expected: &expected,
        by: administrator.caller.account.id,
        of,
        action: Some(Action::UserStatusChanged),
        reason: Some(body.reason.get()?),
    };
    let after = change.make(|before, now| Ok(before.with_status(body.status, now))).await?;
    Ok(Shown::new("The status is set", UserView::from(&after)).tagged(after.version))
}
