//! POST /api/v1/auth/login

use axum::extract::State;
use domain::identity::address::AddressKey;
use domain::identity::events::UserLocked;
use domain::identity::guess::{MAX_GUESSES, WINDOW_SECONDS};
use domain::identity::mfa::{Factor, SIGN_IN_SECONDS};
use domain::identity::session::Method;
use domain::identity::{Account, EmailAddress, Password, PasswordHash, Session, Status};
use domain::{Code, Failure, Time, rate};
use entry::{About, Anonymous, Answer, Body, Checked, Origin, Principal, Problem, Shown, SigningIn};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::identity::Guess;

use crate::pace::Begun;
use crate::sign_in_token::{self, Waiting};
use crate::tokens::{self, Tokens};
use crate::{Auth, begin_session, hashing};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Sign in",
    description: "Answers tokens for an address and its password. Unknown addresses and wrong passwords are answered \
                  alike. After five wrong guesses the address is locked for 30 minutes, even for the right password; \
                  sessions that live go on. An account with a second factor answers `mfaRequired` and an `mfaToken`: \
                  complete the sign-in with POST /auth/login/mfa.",
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

/// Tokens, or what is still missing.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum SignIn {
    /// Signed in.
    Done(Box<Tokens>),
    /// The account has a second factor.
    HalfWay(MfaRequired),
}

/// The second factor is missing: POST /auth/login/mfa. It has no Debug, since it holds a token.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MfaRequired {
    /// Always true.
    pub mfa_required: bool,
    /// Good for five minutes, five misses, and one sign-in.
    pub mfa_token: String,
    /// What may be shown.
    pub methods: [Factor; 2],
    /// Seconds until the token expires.
    pub expires_in: i64,
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
) -> Answer<Shown<SignIn>> {
    let (email, password) = (body.email.get()?, body.password.get()?);
    from.count(&auth.app, &Principal::Address(email.key().clone()), rate::AUTH).await?;
    let (begun, now) = (Begun::now(), auth.app.clock.now());
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
            if account.mfa_enabled_at.is_some() {
                let half_way = SignIn::HalfWay(half_way(&auth, &account, now)?);
                return Ok(Shown::new("Your second factor is asked for", half_way));
            }
            let session = begin(&auth, &origin, &account, now).await?;
            let account = Account { last_login_at: Some(now), ..*account };
            let tokens = tokens::issue(&auth, &account, &session, now)?;
            Ok(Shown::new("You are signed in", SignIn::Done(Box::new(tokens))))
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
            begun.until_hashed().await;
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

async fn begin(auth: &Auth, origin: &Origin, account: &Account, now: Time) -> Result<Session, Problem> {
    let id = auth.app.id(now);
    let session = Session::begin(id, account.id, now, &origin.ip, &origin.user_agent, Method::Password);
    auth.app.store.add_session(&session, begin_session::logged_in(auth, origin, &session, now)?).await?;
    begin_session::settle(auth, account, now).await?;
    Ok(session)
}

/// The password was right, and is not enough. The guess stays counted.
fn half_way(auth: &Auth, account: &Account, now: Time) -> Result<MfaRequired, Problem> {
    let (user, email) = (account.id, account.email.clone());
    let waiting = Waiting { user, email, session: auth.app.id(now), since: now };
    let mfa_token = sign_in_token::issue(&auth.keyring, &waiting)?;
    let methods = [Factor::Totp, Factor::RecoveryCode];
    Ok(MfaRequired { mfa_required: true, mfa_token, methods, expires_in: SIGN_IN_SECONDS })
}

/// One mail tells the owner: this was the guess that locked the address.
pub async fn tell_locked(auth: &Auth, origin: &Origin, account: &Account, now: Time) -> Result<(), Problem> {
    let until = now.plus_seconds(WINDOW_SECONDS);
    let told = UserLocked { user_id: account.id, until };
    let event = auth.app.event(now, origin, None, &[account.id], &told)?;
    Ok(auth.app.store.tell(account.id, event).await?)
}
