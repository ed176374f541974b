//! GET /api/v1/users/profile/activity

use axum::extract::State;
use domain::identity::Activity;
use entry::area::Profile;
use entry::{About, Answer, Caller, Pagination, Paging, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Users;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List your activity",
    description: "Your sign-ins of the last 90 days, and what happened to that which you sign in with, newest first. `action` \
                  is the type of the event. A page may be shorter than `limit` though more follows.",
    errors: &[],
};

/// A page of activity.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Activities {
    /// Newest first.
    pub activity: Vec<Activity>,
    /// What follows.
    pub pagination: Pagination,
}

/// The caller's own partition, and no other.
pub async fn handle(State(users): State<Users>, caller: Caller<Profile>, paging: Paging) -> Answer<Shown<Activities>> {
    let user = caller.account.id;
    let after = paging.begins(&users.cursors, &user)?;
    let page = users.app.store.activity(user, after, paging.limit, users.app.clock.now()).await?;
    let pagination = paging.follows(&users.cursors, &user, &page)?;
    Ok(Shown::new("Your activity", Activities { activity: page.items, pagination }))
}
