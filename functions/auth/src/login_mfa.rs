//! POST /api/v1/auth/login/mfa

use axum::extract::State;
use domain::identity::events::UserRecoveryCodeUsed;
use domain::identity::guess::MAX_GUESSES;
use domain::identity::mfa::{Factor, RecoveryCode, TotpCode};
use domain::identity::session::Method;
use domain::identity::{Account, SecondFactor, Session, Status};
use domain::{Code, Failure, Time, rate};
use entry::{About, Anonymous, Answer, Body, Checked, Origin, Principal, Problem, Shown, SigningIn};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;

use crate::login::{count_guess, tell_locked};
use crate::second_factor::{Given, taken};
use crate::sign_in_token::{self, Waiting};
use crate::tokens::{self, Tokens};
use crate::{Auth, begin_session};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Sign in with the second factor",
    description: "Completes a sign-in that was answered with `mfaRequired`, within five minutes: with a code of the app, \
                  or with a recovery code, which works once. After five misses the `mfaToken` is dead; misses count as \
                  wrong guesses at the address.",
    errors: &[Code::AuthenticationFailed, Code::AccountLocked],
};

/// What was missing; either `code` or `recoveryCode`.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct LoginMfa {
    /// From POST /auth/login.
    #[garde(length(bytes, min = 1, max = 2048))]
    pub mfa_token: String,
    /// Six digits of the app.
    #[garde(dive)]
    #[serde(default)]
    pub code: Option<Checked<TotpCode>>,
    /// One of the ten.
    #[garde(dive)]
    #[serde(default)]
    pub recovery_code: Option<Checked<RecoveryCode>>,
}

fn refused() -> Failure {
    Failure::new(Code::AuthenticationFailed, "The code is wrong or was used before, or the sign-in is too old")
}

/// Counts the try and the guess, then looks; code and session are taken in one transaction.
pub async fn handle(
    State(auth): State<Auth>,
    from: Anonymous<SigningIn>,
    origin: Origin,
    Body(body): Body<LoginMfa>,
) -> Answer<Shown<Tokens>> {
    let given = Given::read(body.code, body.recovery_code)?;
    let now = auth.app.clock.now();
    let waiting = sign_in_token::read(&auth.keyring, &body.mfa_token, now).ok_or_else(refused)?;
    let store = &auth.app.store;
    let address = Principal::Address(waiting.email.key().clone());
    let (found, lives, counted) = tokio::try_join!(
        async { Ok::<_, Problem>(store.signing_in(waiting.user, waiting.session).await?) },
        async { Ok(store.count_try(waiting.session, now).await?) },
        async {
            from.count(&auth.app, &address, rate::AUTH).await?;
            count_guess(&auth, waiting.email.key(), now).await
        },
    )?;
    let (account, factor) = match found {
        (Some(account), Some(factor), None) if lives && may_go_on(&account, &factor, &waiting) => (account, factor),
        _ => return Err(refused().into()),
    };
    let Some(after) = taken(&auth.keyring, &factor, &given, now) else {
        if counted >= MAX_GUESSES {
            tell_locked(&auth, &origin, &account, now).await?;
        }
        return Err(refused().into());
    };
    let session = begin(&auth, &origin, &waiting, [&factor, &after], given.factor(), now).await?;
    begin_session::settle(&auth, &account, now).await?;
    let account = Account { last_login_at: Some(now), ..account };
    Ok(Shown::new("You are signed in", tokens::issue(&auth, &account, &session, now)?))
}

/// The password may have changed since it was right.
fn may_go_on(account: &Account, factor: &SecondFactor, waiting: &Waiting) -> bool {
    let is_same = account.password_changed_at.is_none_or(|changed| changed < waiting.since);
    account.status == Status::Active && factor.is_active() && is_same
}

async fn begin(
    auth: &Auth,
    origin: &Origin,
    waiting: &Waiting,
    factor: [&SecondFactor; 2],
    shown: Factor,
    now: Time,
) -> Result<Session, Problem> {
    let user = waiting.user;
    let method = match shown {
        Factor::Totp => Method::PasswordTotp,
        Factor::RecoveryCode => Method::PasswordRecoveryCode,
    };
    let session = Session::begin(waiting.session, user, now, &origin.ip, &origin.user_agent, method);
    let mut events = vec![begin_session::logged_in(auth, origin, &session, now)?];
    if shown == Factor::RecoveryCode {
        let told = UserRecoveryCodeUsed { user_id: user };
        events.push(auth.app.event(now, origin, Some(user), &[user], &told)?);
    }
    match auth.app.store.sign_in_with_factor(factor, &session, &events).await {
        Ok(()) => Ok(session),
        // Somebody was faster with this code, or with this sign-in.
        Err(WriteError::Refused(_)) => Err(refused().into()),
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}
