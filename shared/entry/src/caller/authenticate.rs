//! From the Authorization header to somebody who is known.

use domain::identity::Status;
use domain::rate::Class;
use domain::{Code, Failure, Id, id};
use http::header;
use http::request::Parts;

use super::{Authenticated, Credential};
use crate::api_key::PresentedKey;
use crate::app::App;
use crate::limit::{Meter, Principal};
use crate::problem::Problem;
use crate::token::BadToken;

/// Who sends this request, counted in `class`. Every extractor of callers comes by here, once.
pub(super) async fn authenticate(parts: &Parts, app: &App, class: Class) -> Result<Authenticated, Problem> {
    let meter = Meter::of(&parts.extensions);
    let count = async |user| meter.count(app, &Principal::User(user), class).await;
    let token = bearer(parts)?;
    let known = match PresentedKey::is_meant(token) {
        true => by_api_key(token, app, count).await?,
        false => by_access_token(token, app, count).await?,
    };
    crate::log::note_principal(&parts.extensions, known.account.id.to_string());
    // From here on it is known who is calling: what depends on that, and on no right, belongs here.
    Ok(known)
}

fn bearer(parts: &Parts) -> Result<&str, Failure> {
    let missing =
        || Failure::new(Code::AuthenticationFailed, "Sign in first: send an access token or an API key as Bearer");
    let value = parts.headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(refused)?;
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(token.trim()),
        false => Err(refused()),
    }
}

fn refused() -> Failure {
    Failure::new(Code::AuthenticationFailed, "The access token is not valid")
}

/// The token says whom to count, so its session is looked up meanwhile. One whose session has ended counts as well, for
/// the minutes that are left to it: that is the price of one round trip less for everybody else.
async fn by_access_token(
    token: &str,
    app: &App,
    count: impl AsyncFnOnce(Id<id::User>) -> Result<(), Problem>,
) -> Result<Authenticated, Problem> {
    let now = app.clock.now();
    let claims = app.verifier.verify(token, now).map_err(|bad| match bad {
        BadToken::Invalid => refused(),
        BadToken::Expired => Failure::new(Code::TokenExpired, "The access token has expired: refresh it"),
    })?;
    let (found, counted) = tokio::join!(app.callers.session(&app.store, &claims, now), count(claims.sub));
    let (account, session) = found?.ok_or_else(refused)?;
    if account.status != Status::Active || !session.is_living(now) {
        return Err(refused().into());
    }
    counted?;
    // A new role works with the next token, a lost one no more.
    let roles = account.roles().intersection(&claims.roles).copied().collect();
    Ok(Authenticated { account, roles, credential: Credential::Session(session) })
}

/// A key's text says whose it is, but nobody is counted for what others make up. Unknown, altered, revoked, expired:
/// whoever guesses learns nothing of which.
async fn by_api_key(
    text: &str,
    app: &App,
    count: impl AsyncFnOnce(Id<id::User>) -> Result<(), Problem>,
) -> Result<Authenticated, Problem> {
    let refused = || Failure::new(Code::AuthenticationFailed, "The API key is not valid");
    let now = app.clock.now();
    let presented = PresentedKey::read(text).ok_or_else(refused)?;
    let (account, key) = app.callers.key(&app.store, &presented, now).await?.ok_or_else(refused)?;
    if !presented.is(&key) || account.status != Status::Active || !key.is_living(now) {
        return Err(refused().into());
    }
    let ((), counted) = tokio::join!(app.callers.note_use(&app.store, &key, now), count(account.id));
    counted?;
    Ok(Authenticated { roles: account.roles(), account, credential: Credential::Key(key) })
}
