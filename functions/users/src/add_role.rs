//! POST /api/v1/users/profile/roles

use axum::extract::State;
use domain::identity::{NoGrant, Role, UserView};
use domain::{Code, Failure};
use entry::{About, Answer, App, Body, Checked, Created, IfMatch, Origin, SignedIn};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::person_change::Change;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Take a role",
    description: "Takes an open role: cloud_user, host, buyer, investor, client, freelancer or publisher. It works with the \
                  next token. Whoever has it already keeps it.",
    errors: &[Code::AuthorizationFailed, Code::Conflict],
};

/// Which one.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct AddRole {
    /// An open role.
    #[garde(dive)]
    pub role: Checked<Role>,
}

/// A role with power is somebody else's to give.
pub async fn handle(
    State(app): State<App>,
    caller: SignedIn,
    origin: Origin,
    expected: IfMatch,
    Body(body): Body<AddRole>,
) -> Answer<Created<UserView>> {
    let role = body.role.get()?;
    if !role.is_open() {
        return Err(Failure::new(Code::AuthorizationFailed, "This role is somebody else's to give").into());
    }
    let user = caller.account.id;
    let change =
        Change { app: &app, origin: &origin, expected: &expected, by: user, of: user, action: None, reason: None };
    let after = change
        .make(|before, now| match before.with_role(role, now) {
            Ok(after) => Ok(after),
            Err(NoGrant::Held) => Ok(before.clone()),
            Err(NoGrant::Disabled) => Err(Failure::new(Code::Conflict, "The account is disabled")),
        })
        .await?;
    Ok(Created::new("The role is yours from your next token on", UserView::from(&after)).tagged(after.version))
}
