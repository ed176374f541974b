//! POST /api/v1/auth/mfa/totp

use axum::extract::State;
use domain::identity::{Account, Password, SecondFactor};
use domain::{Code, Failure};
use entry::{About, Answer, Body, Checked, Created, Guarded, Origin};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;

use crate::Auth;
use crate::reauthentication::reauthenticate;
use crate::second_factor::fresh_secret;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Begin to use an authenticator app",
    description: "Answers a secret for the app (TOTP, SHA-1, 6 digits, 30 seconds). Nothing is asked for before its first \
                  code is confirmed, within ten minutes.",
    errors: &[Code::ReauthenticationFailed, Code::AccountLocked, Code::MfaAlreadyEnabled],
};

/// The password once more; an account without one needs a sign-in of the last ten minutes instead.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct BeginTotp {
    /// The account's, where it has one.
    #[garde(dive)]
    #[serde(default)]
    pub password: Option<Checked<Password>>,
}

/// A secret for the app. It has no Debug.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewTotp {
    /// In base32, for typing.
    pub secret: String,
    /// The same, for a QR code.
    pub otpauth_uri: String,
}

pub(crate) fn already_enabled() -> Failure {
    Failure::new(Code::MfaAlreadyEnabled, "You have a second factor: disable it first")
}

/// The secret is sealed for its owner; one that waited before is replaced.
pub async fn handle(
    State(auth): State<Auth>,
    caller: Guarded,
    _: Origin,
    Body(body): Body<BeginTotp>,
) -> Answer<Created<NewTotp>> {
    let now = auth.app.clock.now();
    let account = &caller.account;
    let password = body.password.map(Checked::get).transpose()?;
    reauthenticate(&auth, &caller, password, now).await?;
    if account.mfa_enabled_at.is_some() {
        return Err(already_enabled().into());
    }
    let (secret, sealed) = fresh_secret(&auth.keyring, account.id)?;
    match auth.app.store.begin_factor(&SecondFactor::begin(account.id, sealed, 1, now)).await {
        Ok(()) => {}
        Err(WriteError::Refused(_)) => return Err(already_enabled().into()),
        Err(WriteError::Store(error)) => return Err(error.into()),
    }
    let otpauth_uri = otpauth_uri(account, &secret);
    Ok(Created::new("Enter the secret into your app, then confirm its first code", NewTotp { secret, otpauth_uri }))
}

/// The form that apps read from QR codes.
fn otpauth_uri(account: &Account, secret: &str) -> String {
    let label: String = account.email.as_str().bytes().map(percent_encoded).collect();
    format!("otpauth://totp/Souk:{label}?secret={secret}&issuer=Souk&algorithm=SHA1&digits=6&period=30")
}

fn percent_encoded(byte: u8) -> String {
    match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    }
}
