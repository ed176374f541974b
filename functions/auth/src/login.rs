//! POST /api/v1/auth/login

use axum::extract::State;
use domain::identity::address::AddressKey;
use domain::identity::events::{UserLocked, UserLoggedIn};
use domain::identity::guess::{MAX_GUESSES, WINDOW_SECONDS};
use domain::identity::session::{MAX_LIVING, Method};
use domain::identity::{Account, EmailAddress, Password, PasswordHash, Session, Status};
use domain::{Code, Failure, Time, rate};
use entry::{About, Anonymous, Answer, Body, Checked, Origin, Principal, Problem, Shown, SigningIn};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::identity::Guess;

use crate::tokens::{self, Tokens};
use crate::{Auth, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Sign in",
    description: "Answers tokens for an address and its password. Unknown addresses and wrong passwords are answered \
                  alike. After five wrong guesses the address is locked for 30 minutes, even for the right password; \
                  sessions that live go on.",
    errors: &[Code::AuthenticationFailed, Code::EmailNotVerified, Code::AccountDisabled, Code::AccountLocked],
};

/// Who says they are who.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[allow(missing_docs)]
pub struct Login {
    #[garde(dive)]
    pub email: Checked<EmailAddress>,
    #[garde(dive)]
    pub password: Checked<Password>,
}

/// What an address leads to.
enum Known {
    Account(Box<Account>),
    /// No account; the hash of the newest registration that waits, if one does.
    Waiting(Option<PasswordHash>),
}

/// Counts the guess, then looks at it; the work is the same whatever the address leads to.
pub async fn handle(
    State(auth): State<Auth>,
    from: Anonymous<SigningIn>,
    origin: Origin,
    Body(body): Body<Login>,
) -> Answer<Shown<Tokens>> {
    let (email, password) = (body.email.get()?, body.password.get()?);
    from.count(&auth.app, &Principal::Address(email.key().clone()), rate::AUTH).await?;
    let now = auth.app.clock.now();
    let counted = count_guess(&auth, email.key(), now).await?;
    let known = find(&auth, email.key(), now).await?;
    let hash = match &known {
        Known::Account(account) => account.password.clone(),
        Known::Waiting(hash) => hash.clone(),
    };
    let is_right = hashing::matches(hash, password.clone()).await?;
    match (known, is_right) {
        (Known::Account(account), true) if account.status == Status::Active => {
            renew_hash(&auth, &account, password).await?;
            let session = begin_session(&auth, &origin, &account, now).await?;
            let account = Account { last_login_at: Some(now), ..*account };
            Ok(Shown::new("You are signed in", tokens::issue(&auth, &account, &session, now)?))
        }
        (Known::Account(_), true) => {
            auth.app.store.clear_guesses(email.key()).await?;
            Err(Failure::new(Code::AccountDisabled, "This account has been disabled").into())
        }
        (Known::Waiting(_), true) => {
            auth.app.store.clear_guesses(email.key()).await?;
            Err(Failure::new(Code::EmailNotVerified, "Confirm your address first: the link is in your mailbox").into())
        }
        (known, false) => {
            if let (Known::Account(account), MAX_GUESSES..) = (known, counted) {
                tell_locked(&auth, &origin, &account, now).await?;
            }
            Err(Failure::new(Code::AuthenticationFailed, "Wrong e-mail address or password").into())
        }
    }
}

/// A hash that was imported, or made with weaker parameters, is replaced now that the password is here.
async fn renew_hash(auth: &Auth, account: &Account, password: Password) -> Result<(), Problem> {
    if account.password.as_ref().is_none_or(PasswordHash::is_current) {
        return Ok(());
    }
    let hash = hashing::hash(password).await?;
    Ok(auth.app.store.renew_hash(account, hash).await?)
}

/// Counts a guess at an address before it is looked at; refuses when there were too many.
pub async fn count_guess(auth: &Auth, address: &AddressKey, now: Time) -> Result<u32, Problem> {
    match auth.app.store.count_guess(address, now).await? {
        Guess::Counted(count) => Ok(count),
        Guess::Locked(seconds) => {
            let message = "Too many wrong guesses: this address is locked for a while";
            Err(Failure::new(Code::AccountLocked, message).retry_after(seconds).into())
        }
    }
}

async fn find(auth: &Auth, address: &AddressKey, now: Time) -> Result<Known, Problem> {
    let store = &auth.app.store;
    let account = match store.owner_of(address).await? {
        Some(owner) => store.account(owner).await?,
        None => {
            let newest = store.waiting_registrations(address, now).await?.pop();
            return Ok(Known::Waiting(newest.map(|registration| registration.password)));
        }
    };
    Ok(account.map_or(Known::Waiting(None), |account| Known::Account(Box::new(account))))
}

async fn begin_session(auth: &Auth, origin: &Origin, account: &Account, now: Time) -> Result<Session, Problem> {
    let store = &auth.app.store;
    let id = auth.app.id(now);
    let session = Session::begin(id, account.id, now, &origin.ip, &origin.user_agent, Method::Password);
    let told = UserLoggedIn { user_id: account.id, session_id: id, method: session.method };
    let event = auth.app.event(now, origin, Some(account.id), &[account.id], &told)?;
    store.add_session(&session, event).await?;
    let (_, _, living) = tokio::try_join!(
        store.clear_guesses(account.email.key()),
        store.note_login(account.id, now),
        store.living_sessions(account.id, now),
    )?;
    let surplus = living.len().saturating_sub(MAX_LIVING);
    for oldest in living.iter().take(surplus) {
        store.displace_session(oldest, now).await?;
    }
    Ok(session)
}

/// One mail tells the owner: this was the guess that locked the address.
async fn tell_locked(auth: &Auth, origin: &Origin, account: &Account, now: Time) -> Result<(), Problem> {
    let until = now.plus_seconds(WINDOW_SECONDS);
    let told = UserLocked { user_id: account.id, until };
    let event = auth.app.event(now, origin, None, &[account.id], &told)?;
    Ok(auth.app.store.tell(account.id, event).await?)
}
