//! Which event gets which mail.

use domain::event::{Event, Payload};
use domain::identity::events::{MailAlreadyRegistered, MailVerification, SessionReuseDetected, UserLocked};
use entry::{Keyring, Settings};
use partners::mail::Mail;
use serde::de::DeserializeOwned;

use crate::{already_registered, locked, session_reuse, verification};

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

/// The mail that tells `event` to whom it concerns.
pub fn compose(event: &Event, settings: &Settings, keyring: &Keyring) -> Result<Mail, NoMail> {
    match event.name.as_str() {
        VERIFICATION => verification::compose(data(event)?, settings, keyring),
        ALREADY_REGISTERED => Ok(already_registered::compose(data(event)?, settings)),
        LOCKED => Ok(locked::compose(data(event)?)),
        SESSION_REUSE => Ok(session_reuse::compose(data(event)?)),
        _ => Err(NoMail::Unknown(event.name.clone())),
    }
}

fn data<P: Payload + DeserializeOwned>(event: &Event) -> Result<P, NoMail> {
    P::deserialize(&event.data).map_err(|_| NoMail::Unreadable(P::ROW.name))
}
