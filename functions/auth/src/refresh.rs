//! POST /api/v1/auth/refresh (also /refresh-token)

use axum::extract::State;
use domain::identity::events::SessionReuseDetected;
use domain::identity::session::Refresh;
use domain::identity::{Account, Session, Status};
use domain::{Code, Failure, Time, rate};
use entry::{About, Answer, Body, Meter, Origin, Principal, Problem, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Freshness, WriteError};

use crate::Auth;
use crate::refresh_token::{self, Claim};
use crate::tokens::{self, Tokens};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Refresh tokens",
    description: "Exchanges the refresh token for new tokens. Each is good once; the one just replaced brings the same \
                  successor for 10 seconds, so that a lost answer costs no login. An older one ends the session: \
                  somebody else has it.",
    errors: &[Code::AuthenticationFailed, Code::RefreshTokenReused],
};

/// The token to exchange.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokens {
    /// From the last sign-in or refresh.
    #[garde(length(bytes, min = 1, max = 1024))]
    pub refresh_token: String,
}

fn refused() -> Failure {
    Failure::new(Code::AuthenticationFailed, "The refresh token is not valid: sign in again")
}

/// Of any number of parallel refreshes exactly one rotates.
pub async fn handle(
    State(auth): State<Auth>,
    meter: Meter,
    origin: Origin,
    Body(body): Body<RefreshTokens>,
) -> Answer<Shown<Tokens>> {
    let Some(claim) = refresh_token::read(&auth.keyring, &body.refresh_token) else {
        meter.count_ip(&auth.app, rate::AUTH_BY_IP).await?;
        return Err(refused().into());
    };
    meter.count(&auth.app, &Principal::Session(claim.session), rate::AUTH).await?;
    let now = auth.app.clock.now();
    let (account, session) = auth.app.store.account_and_session(claim.user, claim.session, Freshness::Strong).await?;
    let account = account.filter(|account| account.status == Status::Active).ok_or_else(refused)?;
    let session = session.ok_or_else(refused)?;
    let session = rotated(&auth, &origin, &account, session, claim, now).await?;
    Ok(Shown::new("Your tokens are new", tokens::issue(&auth, &account, &session, now)?))
}

async fn rotated(
    auth: &Auth,
    origin: &Origin,
    account: &Account,
    mut session: Session,
    claim: Claim,
    now: Time,
) -> Result<Session, Problem> {
    loop {
        match session.refresh(claim.generation, now) {
            Refresh::SameSuccessor => return Ok(session),
            Refresh::Ended => return Err(refused().into()),
            Refresh::Reused => {
                end_family(auth, origin, account, &session, now).await?;
                let message = "This refresh token was used before: its session has ended, sign in again";
                return Err(Failure::new(Code::RefreshTokenReused, message).into());
            }
            Refresh::Rotate => match auth.app.store.rotate(claim.user, claim.session, claim.generation, now).await {
                Ok(next) => return Ok(next),
                // Somebody was faster; what became of this token now follows from the session as it is.
                Err(WriteError::Refused(Some(current))) => session = current,
                Err(WriteError::Refused(None)) => return Err(refused().into()),
                Err(WriteError::Store(error)) => return Err(error.into()),
            },
        }
    }
}

async fn end_family(
    auth: &Auth,
    origin: &Origin,
    account: &Account,
    session: &Session,
    now: Time,
) -> Result<(), Problem> {
    let told = SessionReuseDetected { user_id: account.id, session_id: session.id };
    let event = auth.app.event(now, origin, None, &[account.id], &told)?;
    Ok(auth.app.store.revoke_session(session, now, event).await?)
}
