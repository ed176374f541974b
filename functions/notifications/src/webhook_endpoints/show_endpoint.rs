//! GET /api/v1/webhook-endpoints/{id}

use axum::extract::State;
use domain::identity::webhook::EndpointView;
use domain::{Id, id};
use entry::area::Events;
use entry::{About, Answer, Caller, Path, Shown};

use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show a webhook endpoint",
    description: "The ETag is its version, for If-Match on a change. Somebody else's does not exist here.",
    errors: &[],
};

/// One of the caller's own.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Path(id): Path<Id<id::Endpoint>>,
) -> Answer<Shown<EndpointView>> {
    let endpoint = find::endpoint(&state, caller.account.id, id).await?;
    Ok(Shown::new("Your webhook endpoint", EndpointView::from(&endpoint)).tagged(endpoint.version))
}
