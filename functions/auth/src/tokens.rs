//! What a client gets when it is signed in.

use domain::identity::session::IDLE_SECONDS;
use domain::identity::{Account, Session, UserView};
use domain::{Id, Time, id};
use entry::Problem;
use entry::token::LIFETIME_SECONDS;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Auth, refresh_token};

/// A pair of tokens and whose they are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Good for one refresh; keep it secret.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Seconds until the refresh token expires if it is not used.
    pub refresh_expires_in: i64,
    /// This session.
    pub session_id: Id<id::Session>,
    /// Who signed in.
    pub user: UserView,
}

/// The tokens of a session's present generation.
pub fn issue(auth: &Auth, account: &Account, session: &Session, now: Time) -> Result<Tokens, Problem> {
    let amr = session.method.amr().iter().map(|name| (*name).to_owned()).collect();
    let access_token = auth.signer.sign(account.id, session.id, account.roles(), amr, now);
    let left = (session.expires_at().seconds() - now.seconds()).clamp(0, IDLE_SECONDS);
    Ok(Tokens {
        access_token: access_token.ok_or_else(|| Problem::internal("the access token could not be signed"))?,
        refresh_token: refresh_token::issue(&auth.keyring, session)
            .ok_or_else(|| Problem::internal("the keyring is empty"))?,
        token_type: "Bearer",
        expires_in: LIFETIME_SECONDS,
        refresh_expires_in: left,
        session_id: session.id,
        user: UserView::from(account),
    })
}
