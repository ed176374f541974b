//! GET /api/v1/notifications/unread-count

use axum::extract::State;
use domain::identity::notice::MAX_COUNTED;
use entry::area::Events;
use entry::{About, Answer, Caller, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Count your unread notifications",
    description: "Counted to 100: where there are more, `capped` says so.",
    errors: &[],
};

/// How many are unread.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnreadCount {
    /// At most 100.
    pub unread_count: usize,
    /// Whether there are more.
    pub capped: bool,
}

/// Counted by the database: no notice travels.
pub async fn handle(State(state): State<Notifications>, caller: Caller<Events>) -> Answer<Shown<UnreadCount>> {
    let counted = state.app.store.count_unread(caller.account.id, state.app.clock.now()).await?;
    let count = UnreadCount { unread_count: counted.min(MAX_COUNTED), capped: counted > MAX_COUNTED };
    Ok(Shown::new("Your unread notifications", count))
}
