//! POST /api/v1/auth/password-reset-request

use axum::extract::State;
use domain::identity::events::MailReset;
use domain::identity::proof::{Claim, RESET_SECONDS};
use domain::identity::{EmailAddress, Proof, Status};
use domain::{Id, id};
use entry::{About, Accepted, Anonymous, Answer, Body, ByAddress, Checked, Nothing, Origin, Problem, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Auth;
use crate::pace::Begun;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Ask for a link to reset a password",
    description: "Mails a link that is good for one hour and once, if the address has an account. The answer is the same \
                  if not.",
    errors: &[],
};

/// Who forgot.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct RequestPasswordReset {
    /// The account's address.
    #[garde(dive)]
    pub email: Checked<EmailAddress>,
}

/// Reads and writes the same for known and unknown addresses; a link for nobody opens nothing and is not mailed.
pub async fn handle(
    State(auth): State<Auth>,
    _: Anonymous<ByAddress>,
    origin: Origin,
    Body(body): Body<RequestPasswordReset>,
) -> Answer<Accepted<Nothing>> {
    let store = &auth.app.store;
    let email = body.email.get()?;
    let (begun, now) = (Begun::now(), auth.app.clock.now());
    let user = store.owner_of(email.key()).await?.unwrap_or_else(|| auth.app.id(now));
    let account = store.account(user).await?.filter(|account| account.status == Status::Active);
    let id: Id<id::Proof> = auth.app.id(now);
    let kid = auth.keyring.current().to_owned();
    let token = one_time::token(&auth.keyring, &kid, &id.to_string());
    let token = token.ok_or_else(|| Problem::internal("the keyring is empty"))?;
    let mut events = Vec::new();
    if let Some(account) = account {
        let told = MailReset { email: account.email, proof_id: id, kid };
        events.push(auth.app.event(now, &origin, None, &[user], &told)?);
    }
    let proof = Proof::issued(Claim::Reset { user }, now, RESET_SECONDS);
    store.add_proof(&one_time::hash(&token), &proof, &events).await?;
    begun.until_read().await;
    Ok(Accepted::new("If the address has an account, a link is on the way", Nothing {}))
}
