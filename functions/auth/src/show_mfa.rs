//! GET /api/v1/auth/mfa

use axum::extract::State;
use domain::Time;
use entry::{About, Answer, Shown, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show your second factor",
    description: "Whether sign-ins ask for a code of an authenticator app, since when, and how many recovery codes are \
                  left.",
    errors: &[],
};

/// The factor.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mfa {
    /// The app.
    pub totp: Totp,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: usize,
}

/// The authenticator app.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totp {
    /// Whether it is asked for.
    pub enabled: bool,
    /// Since when.
    pub enabled_at: Option<Time>,
}

/// A factor that waits for its first code is none yet.
pub async fn handle(State(auth): State<Auth>, caller: SignedIn) -> Answer<Shown<Mfa>> {
    let factor = auth.app.store.second_factor(caller.account.id).await?.filter(|factor| factor.is_active());
    let enabled_at = factor.as_ref().and_then(|factor| factor.confirmed_at);
    let totp = Totp { enabled: factor.is_some(), enabled_at };
    let recovery_codes_left = factor.map_or(0, |factor| factor.recovery.len());
    Ok(Shown::new("Your second factor", Mfa { totp, recovery_codes_left }))
}
