//! GET /api/v1/webhook-endpoints/{id}/deliveries

use axum::extract::State;
use domain::event::REGISTRY;
use domain::identity::webhook::{DeliveryView, Status};
use domain::{Failure, Id, id};
use entry::area::Events;
use entry::{About, Answer, Caller, Pagination, Paging, Path, Query, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::identity::WantedDeliveries;

use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List what was sent to a webhook endpoint",
    description: "Deliveries of the last 30 days, those of the newest events first.",
    errors: &[],
};

/// Which ones.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Only those that stand so.
    pub status: Option<Status>,
    /// Only events of this type.
    pub event_type: Option<String>,
}

/// A page of deliveries.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deliveries {
    /// Newest event first.
    pub deliveries: Vec<DeliveryView>,
    /// What follows.
    pub pagination: Pagination,
}

/// Looked for while it is seen whether the endpoint is the caller's.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Path(id): Path<Id<id::Endpoint>>,
    Query(filter): Query<Filter>,
    paging: Paging,
) -> Answer<Shown<Deliveries>> {
    let user = caller.account.id;
    let is_public = |name: &String| REGISTRY.iter().any(|row| row.is_public && row.name == name);
    if filter.event_type.as_ref().is_some_and(|name| !is_public(name)) {
        return Err(Failure::field("eventType", "is not a public type of events").into());
    }
    let after = paging.begins(&state.cursors, &user)?;
    let wanted = WantedDeliveries { status: filter.status, event_type: filter.event_type };
    let found =
        async { Ok(state.app.store.deliveries(id, &wanted, after, paging.limit, state.app.clock.now()).await?) };
    let (_, page) = futures::try_join!(find::endpoint(&state, user, id), found)?;
    let pagination = paging.follows(&state.cursors, &user, &page)?;
    let deliveries = page.items.iter().map(DeliveryView::from).collect();
    Ok(Shown::new("What was sent", Deliveries { deliveries, pagination }))
}
