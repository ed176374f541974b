//! Which event gets which mail.

use domain::event::{Event, Payload};
use domain::identity::events::{
    MailAlreadyRegistered, MailEmailChange, MailInvitation, MailReset, MailVerification, SessionReuseDetected,
    UserEmailChanged, UserLocked, UserPasswordChanged,
};
use entry::{Keyring, Settings};
use partners::mail::{Letter, Mail};
use serde::de::DeserializeOwned;

use crate::{
    already_registered, email_change, email_changed, invitation, locked, password_changed, reset, session_reuse,
    verification,
};

/// What there is to send, and to whom.
pub enum Post {
    /// Mails whose addresses the event names.
    Addressed(Vec<Mail>),
    /// A letter to the account that the event concerns, at the address it has by now.
    ToOwner(Letter),
}

/// Why an event has no mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMail {
    /// No mail belongs to this type.
    #[error("no mail belongs to events of type {0:?}")]
    Unknown(String),
    /// The data is not what the type says. What exactly is wrong stays unsaid: it may be an address, and this ends in logs.
    #[error("the data of an event {0} cannot be read")]
    Unreadable(&'static str),
    /// Its token was to be derived from a key that is gone.
    #[error("key {0:?} is not in the keyring")]
    KeyGone(String),
}

const VERIFICATION: &str = MailVerification::ROW.name;
const ALREADY_REGISTERED: &str = MailAlreadyRegistered::ROW.name;
const LOCKED: &str = UserLocked::ROW.name;
const SESSION_REUSE: &str = SessionReuseDetected::ROW.name;
const PASSWORD_CHANGED: &str = UserPasswordChanged::ROW.name;
const EMAIL_CHANGED: &str = UserEmailChanged::ROW.name;
const INVITATION: &str = MailInvitation::ROW.name;
const RESET: &str = MailReset::ROW.name;
const EMAIL_CHANGE: &str = MailEmailChange::ROW.name;

/// What tells `event` to whom it concerns.
pub fn compose(event: &Event, settings: &Settings, keyring: &Keyring) -> Result<Post, NoMail> {
    let one = |mail: Mail| Post::Addressed(vec![mail]);
    Ok(match event.name.as_str() {
        VERIFICATION => one(verification::compose(data(event)?, settings, keyring)?),
        ALREADY_REGISTERED => one(already_registered::compose(data(event)?, settings)),
        INVITATION => one(invitation::compose(data(event)?, settings, keyring)?),
        RESET => one(reset::compose(data(event)?, settings, keyring)?),
        EMAIL_CHANGE => one(email_change::compose(data(event)?, settings, keyring)?),
        EMAIL_CHANGED => Post::Addressed(email_changed::compose(data(event)?)),
        PASSWORD_CHANGED => Post::ToOwner(password_changed::compose(data(event)?)),
        LOCKED => Post::ToOwner(locked::compose(data(event)?)),
        SESSION_REUSE => Post::ToOwner(session_reuse::compose(data(event)?)),
        _ => return Err(NoMail::Unknown(event.name.clone())),
    })
}

fn data<P: Payload + DeserializeOwned>(event: &Event) -> Result<P, NoMail> {
    P::deserialize(&event.data).map_err(|_| NoMail::Unreadable(P::ROW.name))
}
