//! DELETE /api/v1/users/{id}/mfa

use axum::extract::State;
use domain::audit::{Act, Action};
use domain::identity::Account;
use domain::identity::events::UserMfaDisabled;
use domain::{Code, Failure, Id, id};
use entry::{About, Administrator, Answer, App, As, Nothing, Origin, Path, Shown};
use store::WriteError;
use store::identity::FactorAct;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Remove somebody's second factor",
    description: "For people who have lost both their app and their recovery codes. They are told by mail. Audited. There \
                  is nothing to remove where none is active.",
    errors: &[Code::NotFound, Code::Conflict],
};

/// An account changes now and then; somebody who keeps changing it is no reason to bother the caller.
const MAX_ATTEMPTS: usize = 4;

/// The factor goes whatever it is by now, with the account that says that it is asked for.
pub async fn handle(
    State(app): State<App>,
    administrator: As<Administrator>,
    origin: Origin,
    Path(of): Path<Id<id::User>>,
) -> Answer<Shown<Nothing>> {
    let by = administrator.caller.account.id;
    for _ in 0..MAX_ATTEMPTS {
        let now = app.clock.now();
        let before = app.store.account(of).await?.filter(|account| account.mfa_enabled_at.is_some());
        let before = before.ok_or_else(Failure::not_found)?;
        let after = Account { mfa_enabled_at: None, updated_at: now, version: before.version + 1, ..before.clone() };
        let event = app.event(now, &origin, Some(by), &[of], &UserMfaDisabled { user_id: of })?;
        let act = Act::upon_user(Action::UserMfaRemoved, of).changing("mfaEnabled", true, false);
        let entry = app.audit(now, &origin, by, act);
        match app.store.remove_factor(FactorAct { before: &before, after: &after, event, entry }, None).await {
            Ok(()) => return Ok(Shown::new("Their second factor is gone", Nothing {})),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Failure::new(Code::Conflict, "Somebody keeps changing this: try again").retry_after(1).into())
}
