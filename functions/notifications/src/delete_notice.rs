//! DELETE /api/v1/notifications/{id}

use axum::extract::State;
use domain::identity::notice;
use domain::{Failure, Id, id};
use entry::area::Events;
use entry::{About, Answer, Caller, Nothing, Path, Shown};

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Delete a notification",
    description: "It does not come back. Somebody else's does not exist here.",
    errors: &[],
};

/// Somebody else's is looked for among the caller's own, and not found.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Path(id): Path<Id<id::Notification>>,
) -> Answer<Shown<Nothing>> {
    let now = state.app.clock.now();
    let was_there = notice::lives(id, now) && state.app.store.delete_notice(caller.account.id, id, now).await?;
    match was_there {
        true => Ok(Shown::new("The notification is deleted", Nothing {})),
        false => Err(Failure::not_found().into()),
    }
}
