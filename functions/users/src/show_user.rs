//! GET /api/v1/users/{id}

use axum::extract::State;
use domain::identity::{StaffView, UserView};
use domain::{Failure, Id, id};
use entry::area::Profile;
use entry::{About, Answer, App, Caller, Operator, Path, Shown};
use schemars::JsonSchema;
use serde::Serialize;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show somebody",
    description: "Your own account, or for staff anybody's, with the lock of its address and the number of its living \
                  sessions. For everybody else it does not exist.",
    errors: &[],
};

/// An account as the caller may see it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Seen {
    /// By staff.
    ByStaff(Box<StaffView>),
    /// By its holder.
    ByHolder(Box<UserView>),
}

/// Whether an account is there is nobody's business but staff's.
pub async fn handle(
    State(app): State<App>,
    caller: Caller<Profile>,
    Path(id): Path<Id<id::User>>,
) -> Answer<Shown<Seen>> {
    let is_self = caller.account.id == id;
    if !caller.has::<Operator>() {
        let own = is_self.then(|| UserView::from(&caller.account)).ok_or_else(Failure::not_found)?;
        let version = own.version;
        return Ok(Shown::new("Your account", Seen::ByHolder(Box::new(own))).tagged(version));
    }
    let now = app.clock.now();
    let (account, living) = tokio::try_join!(app.store.account(id), app.store.living_sessions(id, now))?;
    let account = account.ok_or_else(Failure::not_found)?;
    let guesses = app.store.guesses_at(account.email.key()).await?;
    let locked_until = guesses.and_then(|guesses| guesses.locked_until(now));
    let seen = StaffView::new(&account, locked_until, living.len());
    Ok(Shown::new("An account", Seen::ByStaff(Box::new(seen))).tagged(account.version))
}
