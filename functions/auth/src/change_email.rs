//! POST /api/v1/auth/change-email

use axum::extract::State;
use domain::identity::events::MailEmailChange;
use domain::identity::proof::{Claim, EMAIL_CHANGE_SECONDS};
use domain::identity::{EmailAddress, Password, Proof};
use domain::{Code, Id, id};
use entry::{About, Accepted, Answer, Body, Checked, Guarded, Nothing, Origin, Problem, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Auth;
use crate::reauthentication::reauthenticate;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Change your e-mail address",
    description: "Mails a link to the new address; the change takes effect by POST /api/v1/auth/verify-email with its \
                  token, within 24 hours. The answer is the same for an address that has an account.",
    errors: &[Code::ReauthenticationFailed, Code::AccountLocked],
};

/// The new address.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ChangeEmail {
    /// What it shall be.
    #[garde(dive)]
    pub new_email: Checked<EmailAddress>,
    /// The account's.
    #[garde(dive)]
    pub password: Checked<Password>,
}

/// Nothing changes yet; an address that is taken is not mailed.
pub async fn handle(
    State(auth): State<Auth>,
    caller: Guarded,
    origin: Origin,
    Body(body): Body<ChangeEmail>,
) -> Answer<Accepted<Nothing>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let user = caller.account.id;
    let email = body.new_email.get()?;
    reauthenticate(&auth, &caller, Some(body.password.get()?), now).await?;
    let id: Id<id::Proof> = auth.app.id(now);
    let kid = auth.keyring.current().to_owned();
    let token = one_time::token(&auth.keyring, &kid, &id.to_string());
    let token = token.ok_or_else(|| Problem::internal("the keyring is empty"))?;
    let mut events = Vec::new();
    if store.owner_of(email.key()).await?.is_none() {
        let told = MailEmailChange { email: email.clone(), proof_id: id, kid };
        events.push(auth.app.event(now, &origin, Some(user), &[user], &told)?);
    }
    let proof = Proof::issued(Claim::EmailChange { user, email }, now, EMAIL_CHANGE_SECONDS);
    store.add_proof(&one_time::hash(&token), &proof, &events).await?;
    Ok(Accepted::new("Look into the new mailbox to confirm the address", Nothing {}))
}
