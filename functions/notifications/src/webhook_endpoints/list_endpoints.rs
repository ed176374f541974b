//! GET /api/v1/webhook-endpoints

use axum::extract::State;
use domain::identity::webhook::EndpointView;
use entry::area::Events;
use entry::{About, Answer, Caller, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List your webhook endpoints",
    description: "All of them, oldest first, at most 10.",
    errors: &[],
};

/// The endpoints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Endpoints {
    /// Oldest first.
    pub endpoints: Vec<EndpointView>,
}

/// One range of the caller's partition.
pub async fn handle(State(state): State<Notifications>, caller: Caller<Events>) -> Answer<Shown<Endpoints>> {
    let found = state.app.store.endpoints(caller.account.id).await?;
    Ok(Shown::new("Your webhook endpoints", Endpoints { endpoints: found.iter().map(EndpointView::from).collect() }))
}
