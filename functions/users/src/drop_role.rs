//! DELETE /api/v1/users/profile/roles/{role}

use axum::extract::State;
use domain::identity::{Role, UserView};
use domain::{Code, Failure};
use entry::{About, Answer, App, IfMatch, Origin, Path, Shown, SignedIn};

use crate::person_change::Change;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Give up a role",
    description: "Gives up an open role; it is refused at once here, and within 60 seconds everywhere. Roles that others \
                  gave, others take. A role that the caller does not have is not found.",
    errors: &[Code::AuthorizationFailed, Code::Conflict],
};

/// Everybody is `user` for as long as the account lasts.
pub async fn handle(
    State(app): State<App>,
    caller: SignedIn,
    origin: Origin,
    expected: IfMatch,
    Path(role): Path<Role>,
) -> Answer<Shown<UserView>> {
    if !role.is_open() || role == Role::User {
        return Err(Failure::new(Code::AuthorizationFailed, "This role is not yours to give up").into());
    }
    let user = caller.account.id;
    let change =
        Change { app: &app, origin: &origin, expected: &expected, by: user, of: user, action: None, reason: None };
    let after = change
        .make(|before, now| match before.granted.contains(&role) {
            true => Ok(before.without_role(role, now)),
            false => Err(Failure::not_found()),
        })
        .await?;
    Ok(Shown::new("The role is given up", UserView::from(&after)).tagged(after.version))
}
