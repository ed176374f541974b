//! GET /api/v1/auth/verify-email

use axum::extract::State;
use domain::identity::EmailAddress;
use domain::{Code, Failure};
use entry::{About, Answer, Query, Shown, one_time};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show what a mailed link confirms",
    description: "Shows the state of the link and changes nothing, however often it is opened: mail scanners follow \
                  links. To confirm, POST the token and the password to the same path.",
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

/// The one answer to a token that proves nothing (any more).
pub fn token_invalid() -> Failure {
    Failure::new(Code::TokenInvalid, "This link is unknown, used, or too old")
}

/// Reads only.
pub async fn handle(State(auth): State<Auth>, Query(link): Query<Link>) -> Answer<Shown<Verification>> {
    let now = auth.app.clock.now();
    let pending = auth.app.store.pending(&one_time::hash(&link.token), now).await?.ok_or_else(token_invalid)?;
    let email = pending.registration.email;
    let shown = Verification { purpose: Purpose::Registration, email, needs_password: true };
    let how = "To confirm, POST this token and the password of the registration to /api/v1/auth/verify-email";
    Ok(Shown::new(how, shown))
}
