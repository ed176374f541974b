//! GET /api/v1/notifications

use axum::extract::State;
use domain::event::Category;
use domain::identity::NoticeView;
use entry::area::Events;
use entry::{About, Answer, Caller, Pagination, Paging, Query, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::identity::Wanted;

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List your notifications",
    description: "What you were told in the last 90 days, newest first.",
    errors: &[],
};

/// Which ones.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// `true`: only unread ones; `false`: only read ones.
    pub unread: Option<bool>,
    /// Only those of this category.
    pub category: Option<Category>,
}

/// A page of notifications.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Notices {
    /// Newest first.
    pub notifications: Vec<NoticeView>,
    /// What follows.
    pub pagination: Pagination,
}

/// A range of the caller's own partition.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Query(filter): Query<Filter>,
    paging: Paging,
) -> Answer<Shown<Notices>> {
    let user = caller.account.id;
    let after = paging.begins(&state.cursors, &user)?;
    let wanted = Wanted { unread: filter.unread, category: filter.category };
    let now = state.app.clock.now();
    let (page, read_until) = state.app.store.notices(user, wanted, after, paging.limit, now).await?;
    let pagination = paging.follows(&state.cursors, &user, &page)?;
    let front_end = &state.app.settings.frontend_url;
    let notifications = page.items.iter().map(|notice| notice.seen(read_until, front_end)).collect();
    Ok(Shown::new("Your notifications", Notices { notifications, pagination }))
}
