//! POST /api/v1/auth/verify-email/resend

use axum::extract::State;
use domain::identity::EmailAddress;
use domain::identity::events::MailVerification;
use entry::{About, Accepted, Anonymous, Answer, Body, ByAddress, Checked, Nothing, Origin};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Auth;
use crate::pace::Begun;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Mail the link of a registration again",
    description: "Mails the link of the newest registration that waits for the address. The answer is the same when none \
                  waits.",
    errors: &[],
};

/// Where to.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ResendVerification {
    /// The address that was registered.
    #[garde(dive)]
    pub email: Checked<EmailAddress>,
}

/// Writes one item either way; only what it tells differs.
pub async fn handle(
    State(auth): State<Auth>,
    _: Anonymous<ByAddress>,
    origin: Origin,
    Body(body): Body<ResendVerification>,
) -> Answer<Accepted<Nothing>> {
    let store = &auth.app.store;
    let email = body.email.get()?;
    let (begun, now) = (Begun::now(), auth.app.clock.now());
    let (owner, waiting) =
        tokio::try_join!(store.owner_of(email.key()), store.waiting_registrations(email.key(), now))?;
    let mut events = Vec::new();
    if let (None, Some(newest)) = (owner, waiting.into_iter().next_back()) {
        let told = MailVerification { email: newest.email, registration_id: newest.id, kid: newest.kid };
        events.push(auth.app.event(now, &origin, None, &[], &told)?);
    }
    let expires = now.plus_seconds(domain::time::DAY);
    store.tell_address(email.key(), auth.app.id(now), expires, &events).await?;
    begun.until_read().await;
    Ok(Accepted::new("If a registration waits for this address, its link is on the way", Nothing {}))
}
