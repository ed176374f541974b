//! POST /api/v1/auth/mfa/totp/disable

use axum::extract::State;
use domain::Code;
use domain::audit::{Act, Action};
use domain::identity::Password;
use domain::identity::events::UserMfaDisabled;
use domain::identity::mfa::{RecoveryCode, TotpCode};
use entry::{About, Answer, Body, Checked, Guarded, Nothing, Origin, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;
use store::identity::FactorAct;

use crate::Auth;
use crate::confirm_totp::with_factor;
use crate::reauthentication::reauthenticate;
use crate::second_factor::{Given, code_invalid, taken};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Stop using the authenticator app",
    description: "Takes the password and a code of the app, or a recovery code. Sign-ins ask for the password alone \
                  afterwards.",
    errors: &[Code::ReauthenticationFailed, Code::AccountLocked, Code::MfaCodeInvalid],
};

/// Both factors once more; either `code` or `recoveryCode`.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct DisableTotp {
    /// The account's, where it has one.
    #[garde(dive)]
    #[serde(default)]
    pub password: Option<Checked<Password>>,
    /// Six digits of the app.
    #[garde(dive)]
    #[serde(default)]
    pub code: Option<Checked<TotpCode>>,
    /// One of the ten.
    #[garde(dive)]
    #[serde(default)]
    pub recovery_code: Option<Checked<RecoveryCode>>,
}

/// The password's guess stays counted until the code is right as well.
pub async fn handle(
    State(auth): State<Auth>,
    caller: Guarded,
    origin: Origin,
    Body(body): Body<DisableTotp>,
) -> Answer<Shown<Nothing>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let account = &caller.account;
    let given = Given::read(body.code, body.recovery_code)?;
    reauthenticate(&auth, &caller, body.password.map(Checked::get).transpose()?, now).await?;
    let factor = store.second_factor(account.id).await?.filter(|factor| factor.is_active());
    let factor = factor.ok_or_else(code_invalid)?;
    taken(&auth.keyring, &factor, &given, now).ok_or_else(code_invalid)?;
    let after = with_factor(account, None, now);
    let told = UserMfaDisabled { user_id: account.id };
    let event = auth.app.event(now, &origin, Some(account.id), &[account.id], &told)?;
    let act = Act::upon_user(Action::UserMfaDisabled, account.id).changing("mfaEnabled", true, false);
    let entry = auth.app.audit(now, &origin, account.id, act);
    match store.remove_factor(FactorAct { before: account, after: &after, event, entry }, Some(&factor)).await {
        Ok(()) => {}
        Err(WriteError::Refused(_)) => return Err(code_invalid().into()),
        Err(WriteError::Store(error)) => return Err(error.into()),
    }
    store.clear_guesses(account.email.key()).await?;
    Ok(Shown::new("Your second factor is gone", Nothing {}))
}
