//! GET /api/v1/webhook-endpoints/{id}/deliveries/{deliveryId}

use axum::extract::State;
use domain::identity::webhook::DeliveryDetail;
use domain::{Failure, id};
use entry::area::Events;
use entry::{About, Answer, Caller, Inner, Shown};

use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About =
    About { summary: "Show a delivery", description: "With the body that is sent, and every attempt.", errors: &[] };

/// Looked for while it is seen whether the endpoint is the caller's.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Inner(endpoint, delivery): Inner<id::Endpoint, id::Delivery>,
) -> Answer<Shown<DeliveryDetail>> {
    let found = async { Ok(state.app.store.delivery(endpoint, delivery).await?) };
    let (_, delivery) = futures::try_join!(find::endpoint(&state, caller.account.id, endpoint), found)?;
    let delivery = delivery.filter(|delivery| state.app.clock.now() < delivery.expires_at());
    let delivery = delivery.ok_or_else(Failure::not_found)?;
    Ok(Shown::new("The delivery", DeliveryDetail::from(&delivery)))
}
