//! POST /api/v1/auth/verify-email

use axum::extract::State;
use domain::identity::events::{Source, UserRegistered};
use domain::identity::{Account, EmailAddress, Password};
use domain::{Code, Failure};
use entry::{About, Answer, Body, Checked, Origin, Shown, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;
use store::identity::ActivationRefusal;

use crate::login::count_guess;
use crate::show_verification::{Purpose, token_invalid};
use crate::{Auth, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Confirm an address and make the account",
    description: "The account is made by whoever has both the mailed token and the password of that registration. A \
                  wrong password leaves the token good and counts as a guess.",
    errors: &[Code::TokenInvalid, Code::AuthenticationFailed, Code::AccountLocked],
};

/// Proof of address and password.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct VerifyEmail {
    /// From the mail.
    #[garde(length(bytes, min = 1, max = 200))]
    pub token: String,
    /// The one that the registration was made with.
    #[garde(required, dive)]
    #[serde(default)]
    pub password: Option<Checked<Password>>,
}

/// What is confirmed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// What the link was for.
    pub purpose: Purpose,
    /// The address, proven.
    pub email: EmailAddress,
}

/// Of any number of callers, and of rival registrations, one makes the account.
pub async fn handle(
    State(auth): State<Auth>,
    origin: Origin,
    Body(body): Body<VerifyEmail>,
) -> Answer<Shown<Verified>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let missing = || Failure::field("password", "is required");
    let password = body.password.ok_or_else(missing)?.get()?;
    let pending = store.pending(&one_time::hash(&body.token), now).await?.ok_or_else(token_invalid)?;
    let registration = pending.registration;
    let email = registration.email.clone();
    count_guess(&auth, email.key(), now).await?;
    if !hashing::matches(Some(registration.password.clone()), password).await? {
        return Err(Failure::new(Code::AuthenticationFailed, "This is not the password of the registration").into());
    }

    let waited = registration.id;
    let account = Account::from_registration(auth.app.id(now), registration, now);
    let told = UserRegistered {
        user_id: account.id,
        email: email.clone(),
        name: account.name.clone(),
        roles: account.roles(),
        source: Source::Form,
    };
    let event = auth.app.event(now, &origin, Some(account.id), &[account.id], &told)?;
    let activated = store.activate(waited, &account, event).await;
    // The password was right, whoever won: the guess is forgotten either way.
    store.clear_guesses(email.key()).await?;
    match activated {
        Ok(()) => Ok(Shown::new("Your account is ready: sign in", Verified { purpose: Purpose::Registration, email })),
        Err(WriteError::Refused(ActivationRefusal::AddressTaken | ActivationRefusal::Gone)) => {
            Err(token_invalid().into())
        }
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}
