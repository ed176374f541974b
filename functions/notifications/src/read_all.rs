//! POST /api/v1/notifications/read-all

use axum::extract::State;
use entry::area::Events;
use entry::{About, Answer, Caller, Nothing, Shown};

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Mark all your notifications as read",
    description: "Everything you were told until now. What is told afterwards is unread, even of what happened before.",
    errors: &[],
};

/// Moves one mark, however many notices there are.
pub async fn handle(State(state): State<Notifications>, caller: Caller<Events>) -> Answer<Shown<Nothing>> {
    state.app.store.read_all_notices(caller.account.id, state.app.clock.now()).await?;
    Ok(Shown::new("All notifications are read", Nothing {}))
}
