//! GET /api/v1/auth/verify-email

use axum::extract::State;
use domain::identity::proof::Claim;
use domain::identity::{Account, EmailAddress, Registration, Status};
use domain::{Code, Failure, Id, Time, id};
use entry::{About, Anonymous, Answer, Problem, Query, Reading, Shown, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show what a mailed link confirms",
    description: "Shows the state of the link and changes nothing, however often it is opened: mail scanners follow \
                  links. To confirm, POST the token (and the password where it is needed) to the same path.",
    errors: &[Code::TokenInvalid],
};

/// The link's token.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct Link {
    /// From the mail.
    #[garde(length(bytes, max = 200))]
    #[serde(default)]
    pub token: String,
}

/// What a mailed link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It makes the account of a registration.
    Registration,
    /// It gives an account that was made for its owner its first password.
    Invitation,
    /// It gives an account a new address.
    EmailChange,
}

/// What the link confirms.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// What it is for.
    pub purpose: Purpose,
    /// The address that it was mailed to.
    pub email: EmailAddress,
    /// Whether a password must be sent with the token.
    pub needs_password: bool,
}

/// What a mailed link would do now.
pub enum Pending {
    /// Make this registration's account.
    Registration(Box<Registration>),
    /// Give this account its first password.
    Invitation(Box<Account>),
    /// Give this account this address.
    EmailChange { user: Id<id::User>, email: EmailAddress },
}

impl Pending {
    /// The address that it is about.
    pub fn email(&self) -> &EmailAddress {
        match self {
            Pending::Registration(registration) => &registration.email,
            Pending::Invitation(account) => &account.email,
            Pending::EmailChange { email, .. } => email,
        }
    }
}

/// The one answer to a token that proves nothing (any more).
pub fn token_invalid() -> Failure {
    Failure::new(Code::TokenInvalid, "This link is unknown, used, or too old")
}

/// What the link of this hash would do now.
pub async fn pending(auth: &Auth, hash: &str, now: Time) -> Result<Pending, Problem> {
    let store = &auth.app.store;
    match store.proof(hash, now).await?.ok_or_else(token_invalid)?.claim {
        Claim::Registration { email, registration } => {
            let waiting = store.registration(&email, registration, now).await?;
            Ok(Pending::Registration(Box::new(waiting.ok_or_else(token_invalid)?)))
        }
        Claim::Invitation { user, email } => {
            let account = store.account(user).await?.filter(|account| account.status == Status::Active);
            // Void once the address was proven by another way, or is another one by now.
            let invited = account.filter(|account| account.email_unproven && account.email.key() == email.key());
            Ok(Pending::Invitation(Box::new(invited.ok_or_else(token_invalid)?)))
        }
        Claim::EmailChange { user, email } => Ok(Pending::EmailChange { user, email }),
        Claim::Reset { .. } => Err(token_invalid().into()),
    }
}

/// Reads only.
pub async fn handle(
    State(auth): State<Auth>,
    _: Anonymous<Reading>,
    Query(link): Query<Link>,
) -> Answer<Shown<Verification>> {
    let (shown, how) = match pending(&auth, &one_time::hash(&link.token), auth.app.clock.now()).await? {
        Pending::Registration(registration) => (
            Verification { purpose: Purpose::Registration, email: registration.email, needs_password: true },
            "To confirm, POST this token and the password of the registration to /api/v1/auth/verify-email",
        ),
        Pending::Invitation(account) => (
            Verification { purpose: Purpose::Invitation, email: account.email, needs_password: true },
            "To come in, POST this token and a password of your own to /api/v1/auth/verify-email",
        ),
        Pending::EmailChange { email, .. } => (
            Verification { purpose: Purpose::EmailChange, email, needs_password: false },
            "To confirm, POST this token to /api/v1/auth/verify-email",
        ),
    };
    Ok(Shown::new(how, shown))
}
