//! How an endpoint does: the last success, since when it has done nothing but fail, and when that is enough.

use domain::identity::events::{DisabledReason, WebhookEndpointDisabled};
use domain::identity::webhook::{Endpoint, Outcome};
use entry::{Origin, Problem};
use store::WriteError;

use crate::WebhookSender;

/// Notes what an attempt says of its endpoint, and disables one that is gone or has failed for too long.
pub(crate) async fn note(sender: &WebhookSender, endpoint: &Endpoint, outcome: Outcome) -> Result<(), Problem> {
    let (store, now) = (&sender.app.store, sender.app.clock.now());
    match outcome {
        Outcome::Taken if endpoint.notes_success(now) => store.note_endpoint_success(endpoint, now).await?,
        Outcome::Taken | Outcome::Abandoned => {}
        Outcome::Gone => disable(sender, endpoint, DisabledReason::Gone).await?,
        Outcome::Refused(_) if endpoint.gives_up(now) => disable(sender, endpoint, DisabledReason::Failing).await?,
        Outcome::Refused(_) if endpoint.failing_since.is_none() => store.note_endpoint_failure(endpoint, now).await?,
        Outcome::Refused(_) => {}
    }
    Ok(())
}

/// Tells its owner with the change. Where somebody changed it meanwhile, it may be another address by now: the next
/// failure will say.
async fn disable(sender: &WebhookSender, endpoint: &Endpoint, reason: DisabledReason) -> Result<(), Problem> {
    let (app, owner) = (&sender.app, endpoint.owner);
    let told = WebhookEndpointDisabled { endpoint_id: endpoint.id, reason };
    let event = app.event(app.clock.now(), &Origin::default(), None, &[owner], &told)?;
    match app.store.disable_endpoint(endpoint, &endpoint.disabled(Some(reason)), event).await {
        Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}
