//! POST /api/v1/auth/password-reset

use axum::extract::State;
use domain::Code;
use domain::identity::events::How;
use domain::identity::proof::Claim;
use domain::identity::{Password, Status};
use entry::{About, Anonymous, Answer, Body, ByAddress, Checked, Nothing, Origin, Shown, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::bootstrap::promote;
use crate::change_password::NewPassword;
use crate::new_password::{good_enough, repeats};
use crate::show_verification::token_invalid;
use crate::{Auth, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Reset a password",
    description: "Sets a new password with the token of the mailed link, once. Every session ends, API keys \
                  too with `revokeApiKeys`, and the lock is lifted.",
    errors: &[Code::TokenInvalid, Code::Conflict],
};

/// The link's token and the new password.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ResetPassword {
    /// From the mail.
    #[garde(length(bytes, min = 1, max = 200))]
    pub token: String,
    /// The new one.
    #[garde(dive)]
    pub new_password: Checked<Password>,
    /// The same again, if sent.
    #[garde(custom(repeats(&self.new_password)))]
    #[serde(default)]
    pub confirm_password: Option<Checked<Password>>,
    /// Whether the account's API keys end too.
    #[garde(skip)]
    #[serde(default)]
    pub revoke_api_keys: bool,
}

/// The link is void once the password has changed since it was mailed, by whatever way.
pub async fn handle(
    State(auth): State<Auth>,
    _: Anonymous<ByAddress>,
    origin: Origin,
    Body(body): Body<ResetPassword>,
) -> Answer<Shown<Nothing>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let new = body.new_password.get()?;
    let hash = one_time::hash(&body.token);
    let proof = store.proof(&hash, now).await?.ok_or_else(token_invalid)?;
    let Claim::Reset { user } = proof.claim else { return Err(token_invalid().into()) };
    let account = store.account(user).await?.filter(|account| account.status == Status::Active);
    let account = account.ok_or_else(token_invalid)?;
    if account.password_changed_at.is_some_and(|changed| changed >= proof.issued_at) {
        return Err(token_invalid().into());
    }
    good_enough(&auth, "newPassword", &new, &account.name, &account.email)?;
    let password = hashing::hash(new).await?;
    let change = NewPassword {
        account: &account,
        hash: password,
        keep: None,
        revoke_api_keys: body.revoke_api_keys,
        proof: Some(&hash),
        how: How::Reset,
    };
    // First, since the link is used up by the change: whoever is cut off in between could not come back to lift the lock.
    store.clear_guesses(account.email.key()).await?;
    change.make(&auth, &origin, now).await?;
    promote(&auth, &origin, user, &account.email, now).await?;
    Ok(Shown::new("Your password has changed: sign in", Nothing {}))
}
