//! POST /api/v1/webhook-endpoints/{id}/rotate-secret

use axum::extract::State;
use domain::audit::{Act, Action};
use domain::identity::webhook::endpoint::{DEFAULT_GRACE_HOURS, MAX_GRACE_HOURS};
use domain::identity::webhook::{Secret, secret};
use domain::time::HOUR;
use domain::{Code, Failure, Id, Time, id};
use entry::area::Events;
use entry::keys::random;
use entry::{About, Answer, Caller, OptionalBody, Origin, Path, Problem, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;

use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Replace the secret of a webhook endpoint",
    description: "Deliveries are signed with both, the new one first, until `previousValidUntil`; one that was replaced \
                  before signs no more. `secret` is shown here and never again.",
    errors: &[Code::Conflict],
};

/// How long the replaced secret goes on signing.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", default)]
pub struct RotateSecret {
    /// In hours; 0 for a secret that somebody else has seen.
    #[garde(range(max = MAX_GRACE_HOURS))]
    pub grace_hours: u32,
}

impl Default for RotateSecret {
    fn default() -> Self {
        RotateSecret { grace_hours: DEFAULT_GRACE_HOURS }
    }
}

/// The new secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedSecret {
    /// `whsec_` and 32 bytes in base64; not shown again.
    pub secret: String,
    /// Until when the replaced one signs too.
    pub previous_valid_until: Time,
}

/// Audited in the transaction that replaces it.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    origin: Origin,
    Path(id): Path<Id<id::Endpoint>>,
    OptionalBody(wanted): OptionalBody<RotateSecret>,
) -> Answer<Shown<RotatedSecret>> {
    let (user, now) = (caller.account.id, state.app.clock.now());
    let before = find::endpoint(&state, user, id).await?;
    let secret = Secret::new(random());
    let sealed = state.keyring.seal(secret::LABEL, &id.to_string(), secret.bytes()).map_err(Problem::internal)?;
    let after = before.rotated(sealed, wanted.grace_hours, now);
    let entry = state.app.audit(now, &origin, user, Act::upon_endpoint(Action::WebhookSecretRotated, id));
    match state.app.store.change_endpoint_audited(&before, &after, &entry).await {
        Ok(()) => {}
        Err(WriteError::Refused(_)) => {
            return Err(Failure::new(Code::Conflict, "Somebody changed this meanwhile: try again").into());
        }
        Err(WriteError::Store(error)) => return Err(error.into()),
    }
    let previous_valid_until = now.plus_seconds(i64::from(wanted.grace_hours) * HOUR);
    let rotated = RotatedSecret { secret: secret.reveal(), previous_valid_until };
    Ok(Shown::new("The endpoint has a new secret: keep it", rotated))
}
