//! POST /api/v1/auth/mfa/recovery-codes

use axum::extract::State;
use domain::Code;
use domain::audit::{Act, Action};
use domain::identity::mfa::TotpCode;
use domain::identity::{Password, SecondFactor};
use entry::{About, Answer, Body, Checked, Guarded, Origin, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;

use crate::Auth;
use crate::confirm_totp::RecoveryCodes;
use crate::reauthentication::reauthenticate;
use crate::second_factor::{Given, code_invalid, fresh_codes, taken};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Make new recovery codes",
    description: "Answers ten new ones, once; the old ones are void.",
    errors: &[Code::ReauthenticationFailed, Code::AccountLocked, Code::MfaCodeInvalid],
};

/// Both factors once more.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct RenewRecoveryCodes {
    /// The account's, where it has one.
    #[garde(dive)]
    #[serde(default)]
    pub password: Option<Checked<Password>>,
    /// Six digits of the app.
    #[garde(dive)]
    pub code: Checked<TotpCode>,
}

/// The password's guess stays counted until the code is right as well.
pub async fn handle(
    State(auth): State<Auth>,
    caller: Guarded,
    origin: Origin,
    Body(body): Body<RenewRecoveryCodes>,
) -> Answer<Shown<RecoveryCodes>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let account = &caller.account;
    let given = Given::Totp(body.code.get()?);
    reauthenticate(&auth, &caller, body.password.map(Checked::get).transpose()?, now).await?;
    let factor = store.second_factor(account.id).await?.filter(|factor| factor.is_active());
    let factor = factor.ok_or_else(code_invalid)?;
    let used = taken(&auth.keyring, &factor, &given, now).ok_or_else(code_invalid)?;
    let (recovery_codes, recovery) = fresh_codes(&auth.keyring, account.id)?;
    let after = SecondFactor { recovery, ..used };
    let act = Act::upon_user(Action::UserRecoveryCodesRenewed, account.id);
    let entry = auth.app.audit(now, &origin, account.id, act);
    match store.change_factor([&factor, &after], &entry).await {
        Ok(()) => {}
        Err(WriteError::Refused(_)) => return Err(code_invalid().into()),
        Err(WriteError::Store(error)) => return Err(error.into()),
    }
    store.clear_guesses(account.email.key()).await?;
    Ok(Shown::new("Keep the recovery codes: they are not shown again", RecoveryCodes { recovery_codes }))
}
