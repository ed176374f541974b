//! Which event says what.

use domain::event::{Event, Payload};
use domain::identity::events::{
    MailAlreadyRegistered, MailEmailChange, MailInvitation, MailReset, MailVerification, SessionReuseDetected,
    UserApiKeyCreated, UserDisabled, UserEmailChanged, UserEnabled, UserLocked, UserMfaDisabled, UserMfaEnabled,
    UserPasswordChanged, UserRecoveryCodeUsed, UserRegistered, UserRoleGranted, UserRoleRevoked,
    WebhookEndpointDisabled,
};
use entry::{Keyring, Settings};
use partners::mail::Mail;
use serde::de::DeserializeOwned;

use crate::words::Words;
use crate::{
    already_registered, api_key_created, disabled, email_change, email_changed, enabled, endpoint_disabled, invitation,
    locked, mfa_disabled, mfa_enabled, password_changed, recovery_code_used, registered, reset, role_granted,
    role_revoked, session_reuse, verification,
};

/// What there is to do.
pub enum Task {
    /// A mail that anybody can ask for by a public form: there is a limit to how many.
    Form(Mail),
    /// A mail that somebody with a right to it asked for.
    Job(Mail),
    /// To tell those whom the event concerns, as they prefer.
    Tell(Words),
}

/// Why there is nothing to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWords {
    /// Nobody is told of this type.
    #[error("nobody is told of events of type {0:?}")]
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
const RESET: &str = MailReset::ROW.name;
const EMAIL_CHANGE: &str = MailEmailChange::ROW.name;
const INVITATION: &str = MailInvitation::ROW.name;
const REGISTERED: &str = UserRegistered::ROW.name;
const ROLE_GRANTED: &str = UserRoleGranted::ROW.name;
const ROLE_REVOKED: &str = UserRoleRevoked::ROW.name;
const DISABLED: &str = UserDisabled::ROW.name;
const ENABLED: &str = UserEnabled::ROW.name;
const EMAIL_CHANGED: &str = UserEmailChanged::ROW.name;
const PASSWORD_CHANGED: &str = UserPasswordChanged::ROW.name;
const LOCKED: &str = UserLocked::ROW.name;
const SESSION_REUSE: &str = SessionReuseDetected::ROW.name;
const MFA_ENABLED: &str = UserMfaEnabled::ROW.name;
const MFA_DISABLED: &str = UserMfaDisabled::ROW.name;
const RECOVERY_CODE_USED: &str = UserRecoveryCodeUsed::ROW.name;
const API_KEY_CREATED: &str = UserApiKeyCreated::ROW.name;
const ENDPOINT_DISABLED: &str = WebhookEndpointDisabled::ROW.name;

/// What `event` says to whom it concerns.
pub fn compose(event: &Event, settings: &Settings, keyring: &Keyring) -> Result<Task, NoWords> {
    Ok(match event.name.as_str() {
        VERIFICATION => Task::Form(verification::compose(data(event)?, settings, keyring)?),
        ALREADY_REGISTERED => Task::Form(already_registered::compose(data(event)?, settings)),
        RESET => Task::Form(reset::compose(data(event)?, settings, keyring)?),
        EMAIL_CHANGE => Task::Form(email_change::compose(data(event)?, settings, keyring)?),
        INVITATION => Task::Job(invitation::compose(data(event)?, settings, keyring)?),
        _ => Task::Tell(words(event)?),
    })
}

fn words(event: &Event) -> Result<Words, NoWords> {
    Ok(match event.name.as_str() {
        REGISTERED => registered::compose(data(event)?),
        ROLE_GRANTED => role_granted::compose(data(event)?),
        ROLE_REVOKED => role_revoked::compose(data(event)?),
        DISABLED => disabled::compose(data(event)?),
        ENABLED => enabled::compose(data(event)?),
        EMAIL_CHANGED => email_changed::compose(data(event)?),
        PASSWORD_CHANGED => password_changed::compose(data(event)?),
        LOCKED => locked::compose(data(event)?),
        SESSION_REUSE => session_reuse::compose(data(event)?),
        MFA_ENABLED => mfa_enabled::compose(data(event)?),
        MFA_DISABLED => mfa_disabled::compose(data(event)?),
        RECOVERY_CODE_USED => recovery_code_used::compose(data(event)?),
        API_KEY_CREATED => api_key_created::compose(data(event)?),
        ENDPOINT_DISABLED => endpoint_disabled::compose(data(event)?),
        _ => return Err(NoWords::Unknown(event.name.clone())),
    })
}

fn data<P: Payload + DeserializeOwned>(event: &Event) -> Result<P, NoWords> {
    P::deserialize(&event.data).map_err(|_| NoWords::Unreadable(P::ROW.name))
}
