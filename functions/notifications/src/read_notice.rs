//! POST /api/v1/notifications/{id}/read

use axum::extract::State;
use domain::identity::{NoticeView, notice};
use domain::{Failure, Id, id};
use entry::area::Events;
use entry::{About, Answer, Caller, Path, Shown};

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Mark a notification as read",
    description: "One that is read already stays as it is. Somebody else's does not exist here.",
    errors: &[],
};

/// Somebody else's is looked for among the caller's own, and not found.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Path(id): Path<Id<id::Notification>>,
) -> Answer<Shown<NoticeView>> {
    let now = state.app.clock.now();
    if !notice::lives(id, now) {
        return Err(Failure::not_found().into());
    }
    let read = state.app.store.read_notice(caller.account.id, id, now).await?;
    let read = read.ok_or_else(Failure::not_found)?;
    Ok(Shown::new("The notification is read", read.seen(None, &state.app.settings.frontend_url)))
}
