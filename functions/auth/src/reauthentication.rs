//! Acts that ask for the password again.

use domain::identity::{Password, Session};
use domain::time::MINUTE;
use domain::{Code, Failure, Time};
use entry::{Problem, SignedIn};

use crate::login::count_guess;
use crate::{Auth, hashing};

/// An account without a password needs a sign-in that is at most this old, in milliseconds.
const FRESH_MILLIS: i64 = 10 * MINUTE * 1000;

/// Lets the caller pass who knows the account's password; wrong ones count as guesses.
/// Before a second factor, a right password clears no count: whoever has it could guess codes without end.
pub async fn reauthenticate(
    auth: &Auth,
    caller: &SignedIn,
    password: Option<Password>,
    now: Time,
) -> Result<(), Problem> {
    let refused = |message: &str| Failure::new(Code::ReauthenticationFailed, message);
    let account = &caller.account;
    if account.password.is_none() && !is_fresh(&caller.session, now) {
        return Err(refused("Sign in again first: this sign-in is more than ten minutes old").into());
    }
    if account.password.is_some() && password.is_none() {
        return Err(Failure::field("password", "is missing").into());
    }
    count_guess(auth, account.email.key(), now).await?;
    if let (Some(hash), Some(password)) = (account.password.clone(), password)
        && !hashing::matches(Some(hash), password).await?
    {
        return Err(refused("This is not your password").into());
    }
    match account.mfa_enabled_at {
        Some(_) => Ok(()),
        None => Ok(auth.app.store.clear_guesses(account.email.key()).await?),
    }
}

fn is_fresh(session: &Session, now: Time) -> bool {
    now.millis_since(session.created_at) <= FRESH_MILLIS
}
