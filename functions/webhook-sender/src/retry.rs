//! A delivery that failed is tried again.

use domain::identity::waits::WebhookRetry;
use domain::identity::webhook::{Attempt, Outcome};
use entry::Problem;
use store::identity::AttemptClaim;

use crate::{WebhookSender, attempt};

/// Makes the attempt that follows those that had been made when this wait began; a message that comes twice or late finds
/// that number taken, and does nothing.
pub(crate) async fn handle(sender: &WebhookSender, retry: &WebhookRetry) -> Result<(), Problem> {
    let now = sender.app.clock.now();
    let store = &sender.app.store;
    let claim = store.claim_attempt(retry.endpoint_id, retry.delivery_id, retry.made, now).await?;
    let AttemptClaim::Ours(delivery) = claim else {
        return attempt::not_ours(sender, claim, retry.made).await;
    };
    let endpoint = store.endpoint(retry.owner_id, retry.endpoint_id).await?;
    match endpoint.filter(|endpoint| endpoint.awaits(delivery.created_at)) {
        Some(endpoint) => attempt::make(sender, &endpoint, &delivery).await,
        None => {
            let error = Some("not sent: the endpoint was disabled or deleted".to_owned());
            let attempt = Attempt { at: now, status_code: None, duration_ms: 0, error };
            attempt::settle(sender, &delivery, attempt, Outcome::Abandoned).await
        }
    }
}
