//! POST /api/v1/auth/verify-email

use axum::extract::State;
use domain::identity::events::{Source, UserEmailChanged, UserRegistered, UserUpdated};
use domain::identity::{Account, EmailAddress, Password, Registration, Status};
use domain::{Code, Failure, Id, Time, id, rate};
use entry::{About, Anonymous, Answer, Body, Checked, Origin, Principal, Problem, Shown, SigningIn, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;
use store::identity::{ActivationRefusal, Closing, CredentialRefusal};

use crate::bootstrap::promote;
use crate::login::count_guess;
use crate::new_password::{good_enough, repeats_if_sent};
use crate::show_verification::{Pending, Purpose, pending, token_invalid};
use crate::{Auth, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Confirm an address",
    description: "Makes the account of a registration for whoever has both the mailed token and the password of that \
                  registration; a wrong password leaves the token good and counts as a guess. Or gives an invited \
                  account its first password. Or gives an account its new address, without a password.",
    errors: &[Code::TokenInvalid, Code::AuthenticationFailed, Code::AccountLocked, Code::EmailTaken, Code::Conflict],
};

/// Proof of address and, for a registration, password.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct VerifyEmail {
    /// From the mail.
    #[garde(length(bytes, min = 1, max = 200))]
    pub token: String,
    /// The one that the registration was made with; for an invitation the first one of the account.
    #[garde(dive)]
    #[serde(default)]
    pub password: Option<Checked<Password>>,
    /// The same again, if sent.
    #[garde(custom(repeats_if_sent(&self.password)))]
    #[serde(default)]
    pub confirm_password: Option<Checked<Password>>,
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

/// Does what the link is for.
pub async fn handle(
    State(auth): State<Auth>,
    from: Anonymous<SigningIn>,
    origin: Origin,
    Body(body): Body<VerifyEmail>,
) -> Answer<Shown<Verified>> {
    let now = auth.app.clock.now();
    let hash = one_time::hash(&body.token);
    let pending = pending(&auth, &hash, now).await?;
    from.count(&auth.app, &Principal::Address(pending.email().key().clone()), rate::AUTH).await?;
    match pending {
        Pending::Registration(registration) => {
            let missing = || Failure::field("password", "is required: the one of the registration");
            let password = body.password.ok_or_else(missing)?.get()?;
            let email = registration.email.clone();
            activate(&auth, &origin, *registration, password, now).await?;
            Ok(Shown::new("Your account is ready: sign in", Verified { purpose: Purpose::Registration, email }))
        }
        Pending::Invitation(account) => {
            let missing = || Failure::field("password", "is required: it will be yours");
            let password = body.password.ok_or_else(missing)?.get()?;
            come_in(&auth, &origin, &hash, &account, password, now).await?;
            Ok(Shown::new(
                "Your account is ready: sign in",
                Verified { purpose: Purpose::Invitation, email: account.email.clone() },
            ))
        }
        Pending::EmailChange { user, email } => {
            change_email(&auth, &origin, &hash, user, email.clone(), now).await?;
            Ok(Shown::new("Your address has changed", Verified { purpose: Purpose::EmailChange, email }))
        }
    }
}

/// Of any number of callers, and of rival registrations, one makes the account.
async fn activate(
    auth: &Auth,
    origin: &Origin,
    registration: Registration,
    password: Password,
    now: Time,
) -> Result<(), Problem> {
    let store = &auth.app.store;
    let email = registration.email.clone();
    count_guess(auth, email.key(), now).await?;
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
    let event = auth.app.event(now, origin, Some(account.id), &[account.id], &told)?;
    let activated = store.activate(waited, &account, event).await;
    // The password was right, whoever won: the guess is forgotten either way.
    store.clear_guesses(email.key()).await?;
    match activated {
        Ok(()) => promote(auth, origin, account.id, &email, now).await,
        Err(WriteError::Refused(ActivationRefusal::AddressTaken | ActivationRefusal::Gone)) => {
            Err(token_invalid().into())
        }
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

/// Whoever was invited shows that the mail reaches them, and sets the first password.
async fn come_in(
    auth: &Auth,
    origin: &Origin,
    hash: &str,
    before: &Account,
    password: Password,
    now: Time,
) -> Result<(), Problem> {
    good_enough(auth, "password", &password, &before.name, &before.email)?;
    let password = Some(hashing::hash(password).await?);
    let proven = Account { password, password_changed_at: Some(now), email_unproven: false, ..before.clone() };
    let after = proven.changed_from(before, now);
    let changed = vec!["emailVerified".to_owned(), "hasPassword".to_owned()];
    let told = UserUpdated { user_id: after.id, changed };
    let event = auth.app.event(now, origin, Some(after.id), &[after.id], &told)?;
    match auth.app.store.change_password(before, &after, &Closing::default(), Some(hash), event).await {
        Ok(()) => promote(auth, origin, after.id, &after.email, now).await,
        Err(WriteError::Refused(CredentialRefusal::ProofUsed)) => Err(token_invalid().into()),
        Err(WriteError::Refused(_)) => {
            Err(Failure::new(Code::Conflict, "The account was changed meanwhile: try again").into())
        }
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}

async fn change_email(
    auth: &Auth,
    origin: &Origin,
    hash: &str,
    user: Id<id::User>,
    email: EmailAddress,
    now: Time,
) -> Result<(), Problem> {
    let store = &auth.app.store;
    let before = store.account(user).await?.filter(|account| account.status == Status::Active);
    let before = before.ok_or_else(token_invalid)?;
    let after = Account { email: email.clone(), updated_at: now, version: before.version + 1, ..before.clone() };
    let told = UserEmailChanged { user_id: user, previous_email: before.email.clone(), email: email.clone() };
    let event = auth.app.event(now, origin, Some(user), &[user], &told)?;
    match store.change_email(&before, &after, hash, event).await {
        Ok(()) => promote(auth, origin, user, &email, now).await,
        Err(WriteError::Refused(CredentialRefusal::EmailTaken)) => {
            Err(Failure::new(Code::EmailTaken, "This address has an account by now").into())
        }
        Err(WriteError::Refused(CredentialRefusal::ProofUsed)) => Err(token_invalid().into()),
        Err(WriteError::Refused(CredentialRefusal::Changed)) => {
            Err(Failure::new(Code::Conflict, "The account was changed meanwhile: try again").into())
        }
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}
