//! An event goes to every endpoint that wants it, for the first time.

use std::collections::HashSet;

use domain::event::{Event, Payload, Row};
use domain::identity::events::WebhookTest;
use domain::identity::webhook::{Attempt, Delivery, Endpoint, EndpointStatus, Outcome, Status, delivery_id};
use entry::Problem;
use entry::keys::random;
use futures::future::{join_all, try_join_all};
use store::identity::AttemptClaim;

use crate::{WebhookSender, attempt};

/// The endpoints of all whom the event concerns; each gets it on its own, and one that fails holds up no other.
pub(crate) async fn handle(sender: &WebhookSender, event: &Event) -> Result<(), Problem> {
    let Some(row) = event.row().filter(|row| row.is_public) else {
        return Err(Problem::internal(format!("events of type {:?} are sent to nobody", event.name)));
    };
    let found = try_join_all(event.subject_ids.iter().map(|subject| sender.app.store.endpoints(*subject))).await?;
    // Who is named twice gets it once.
    let mut seen = HashSet::new();
    let is_meant = |endpoint: &Endpoint| wants(endpoint, event, row) && seen.insert(endpoint.id);
    let wanting: Vec<Endpoint> = found.into_iter().flatten().filter(is_meant).collect();
    let outcomes = join_all(wanting.iter().map(|endpoint| first_attempt(sender, event, endpoint))).await;
    outcomes.into_iter().collect()
}

/// A test goes to the endpoint that it was asked for, whatever that subscribed to, and to no other.
fn wants(endpoint: &Endpoint, event: &Event, row: &Row) -> bool {
    match row.name == WebhookTest::ROW.name {
        false => endpoint.takes(row),
        true => {
            let asked = event.data.get("endpointId").and_then(|id| id.as_str());
            endpoint.status == EndpointStatus::Active && asked == Some(&endpoint.id.to_string())
        }
    }
}

async fn first_attempt(sender: &WebhookSender, event: &Event, endpoint: &Endpoint) -> Result<(), Problem> {
    let now = sender.app.clock.now();
    let body = event.webhook_body();
    let delivery = Delivery {
        id: delivery_id(event.id, endpoint.id),
        endpoint: endpoint.id,
        owner: endpoint.owner,
        event: event.id,
        event_type: event.name.clone(),
        body: body.clone().unwrap_or_default(),
        status: Status::Pending,
        attempt_count: 0,
        attempts: Vec::new(),
        next_attempt_at: None,
        claimed_at: Some(now),
        claim: u32::from_be_bytes(random()),
        // An instance whose clock is behind that of the one that enabled it must not make it look older than that.
        created_at: now.max(endpoint.active_since),
        delivered_at: None,
    };
    match (sender.app.store.add_delivery(&delivery, now).await?, body) {
        (AttemptClaim::Ours(delivery), Ok(_)) => attempt::make(sender, endpoint, &delivery).await,
        (AttemptClaim::Ours(delivery), Err(too_large)) => {
            let attempt = Attempt { at: now, status_code: None, duration_ms: 0, error: Some(too_large.to_string()) };
            attempt::settle(sender, &delivery, attempt, Outcome::Abandoned).await
        }
        (claimed, _) => attempt::not_ours(sender, claimed, 0).await,
    }
}
