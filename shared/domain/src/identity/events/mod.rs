//! What happens to accounts, and the rows of the registry that say who is told. A file per theme.

mod account;
mod credentials;
mod mail;
mod session;
mod webhook;

use crate::event::{Category, Payload, Queue, Row};

pub use account::{Source, UserDisabled, UserEnabled, UserRegistered, UserRoleGranted, UserRoleRevoked, UserUpdated};
pub use credentials::{
    How, UserApiKeyCreated, UserApiKeyRevoked, UserEmailChanged, UserLocked, UserMfaDisabled, UserMfaEnabled,
    UserPasswordChanged, UserRecoveryCodeUsed,
};
pub use mail::{MailAlreadyRegistered, MailEmailChange, MailInvitation, MailReset, MailVerification};
pub use session::{SessionReuseDetected, UserLoggedIn, UserLoggedOut};
pub use webhook::{DisabledReason, WebhookEndpointDisabled, WebhookTest};

/// The rows of this chapter.
pub const ROWS: &[&Row] = &[
    UserRegistered::ROW,
    UserUpdated::ROW,
    UserRoleGranted::ROW,
    UserRoleRevoked::ROW,
    UserDisabled::ROW,
    UserEnabled::ROW,
    UserEmailChanged::ROW,
    UserPasswordChanged::ROW,
    UserLocked::ROW,
    UserMfaEnabled::ROW,
    UserMfaDisabled::ROW,
    UserRecoveryCodeUsed::ROW,
    UserApiKeyCreated::ROW,
    UserApiKeyRevoked::ROW,
    UserLoggedIn::ROW,
    UserLoggedOut::ROW,
    SessionReuseDetected::ROW,
    WebhookEndpointDisabled::ROW,
    WebhookTest::ROW,
    MailVerification::ROW,
    MailAlreadyRegistered::ROW,
    MailInvitation::ROW,
    MailReset::ROW,
    MailEmailChange::ROW,
];

const fn row(name: &'static str, category: Category, queues: &'static [Queue]) -> Row {
    Row { name, category, is_public: true, queues }
}

const fn mail_job(name: &'static str) -> Row {
    Row { name, category: Category::Security, is_public: false, queues: &[Queue::Mailer] }
}
