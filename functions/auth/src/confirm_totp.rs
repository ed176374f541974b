//! POST /api/v1/auth/mfa/totp/confirm

use axum::extract::State;
use domain::audit::{Act, Action};
use domain::identity::events::UserMfaEnabled;
use domain::identity::mfa::TotpCode;
use domain::identity::{Account, SecondFactor};
use domain::{Code, Time};
use entry::{About, Answer, Body, Checked, Guarded, Origin, Problem, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;
use store::identity::FactorAct;

use crate::Auth;
use crate::login::count_guess;
use crate::second_factor::{Given, code_invalid, fresh_codes, taken};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Confirm an authenticator app",
    description: "With its first code the app becomes your second factor: sign-ins ask for it from now on, and your other \
                  sessions end. Answers ten recovery codes, once.",
    errors: &[Code::MfaCodeInvalid, Code::AccountLocked],
};

/// The first code.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ConfirmTotp {
    /// Six digits of the app.
    #[garde(dive)]
    pub code: Checked<TotpCode>,
}

/// For the day the app is lost. It has no Debug.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Ten, each good once.
    pub recovery_codes: Vec<String>,
}

/// The code is looked at after it was counted; factor, account and sessions change in one transaction.
pub async fn handle(
    State(auth): State<Auth>,
    caller: Guarded,
    origin: Origin,
    Body(body): Body<ConfirmTotp>,
) -> Answer<Shown<RecoveryCodes>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let account = &caller.account;
    let given = Given::Totp(body.code.get()?);
    let (_, factor, sessions) = tokio::try_join!(
        count_guess(&auth, account.email.key(), now),
        async { Ok(store.second_factor(account.id).await?) },
        async { Ok(store.living_sessions(account.id, now).await?) },
    )?;
    let factor = factor.filter(|factor| factor.is_waiting(now)).ok_or_else(code_invalid)?;
    let used = taken(&auth.keyring, &factor, &given, now).ok_or_else(code_invalid)?;
    let (recovery_codes, recovery) = fresh_codes(&auth.keyring, account.id)?;
    let after = SecondFactor { confirmed_at: Some(now), recovery, ..used };
    let others: Vec<_> = sessions.into_iter().filter(|session| session.id != caller.session.id).collect();
    let changed = with_factor(account, Some(now), now);
    let told =
        auth.app.event(now, &origin, Some(account.id), &[account.id], &UserMfaEnabled { user_id: account.id })?;
    let entry = Act::upon_user(Action::UserMfaEnabled, account.id).changing("mfaEnabled", false, true);
    let entry = auth.app.audit(now, &origin, account.id, entry);
    let act = FactorAct { before: account, after: &changed, event: told, entry };
    let (enabled, forgiven) =
        tokio::join!(store.enable_factor(act, [&factor, &after], &others), store.clear_guesses(account.email.key()),);
    match enabled {
        Ok(()) => forgiven?,
        Err(WriteError::Refused(_)) => return Err(code_invalid().into()),
        Err(WriteError::Store(error)) => return Err(Problem::from(error)),
    }
    Ok(Shown::new("Keep the recovery codes: they are not shown again", RecoveryCodes { recovery_codes }))
}

/// The account once its factor is asked for since then, or no more.
pub fn with_factor(account: &Account, since: Option<Time>, now: Time) -> Account {
    Account { mfa_enabled_at: since, updated_at: now, version: account.version + 1, ..account.clone() }
}
