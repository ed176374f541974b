//! PUT /api/v1/users/{id}/roles

use axum::extract::State;
use domain::audit::Action;
use domain::identity::{Reason, Role, UserView};
use domain::{Code, Failure, Id, id};
use entry::{About, Administrator, Answer, App, As, Body, Checked, IfMatch, Origin, Path, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::person_change::{Change, named};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Set somebody's roles",
    description: "The whole set; `user` is implied. A role gained works with the next token, a role lost is refused at once \
                  here and within 60 seconds everywhere. The last administrator keeps the role. Audited.",
    errors: &[Code::Conflict, Code::LastAdministrator],
};

/// All roles, and why.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[allow(missing_docs)]
pub struct SetRoles {
    #[garde(length(max = 11), dive)]
    pub roles: Vec<Checked<Role>>,
    #[garde(dive)]
    pub reason: Checked<Reason>,
}

/// Administrators may set their own, as long as one of them is left.
pub async fn handle(
    State(app): State<App>,
    administrator: As<Administrator>,
    origin: Origin,
    expected: IfMatch,
    Path(of): Path<Id<id::User>>,
    Body(body): Body<SetRoles>,
) -> Answer<Shown<UserView>> {
    let roles = body.roles.into_iter().map(Checked::get).collect::<Result<Vec<_>, _>>()?;
    let roles = named(roles);
    let change = Change {
        app: &app,
        origin: &origin,
        expected: &expected,
        by: administrator.caller.account.id,
        of,
        action: Some(Action::UserRolesChanged),
        reason: Some(body.reason.get()?),
    };
    let gains_nothing = |_| Failure::new(Code::Conflict, "The account is disabled: it gains no role");
    let after = change.make(|before, now| before.with_roles(&roles, now).map_err(gains_nothing)).await?;
    Ok(Shown::new("The roles are set", UserView::from(&after)).tagged(after.version))
}
