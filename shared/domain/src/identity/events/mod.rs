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
    Row { name, category, is_public: true, queues, description: "", example: "", told: None }
}

const fn mail_job(name: &'static str) -> Row {
    Row {
        name,
        category: Category::Security,
        is_public: false,
        queues: &[Queue::Mailer],
        description: "",
        example: "",
        told: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::de::DeserializeOwned;

    use super::*;

    /// Reads a type's example as its payload, and sees that it holds that and nothing else.
    fn shaped<P: Payload + DeserializeOwned>() -> &'static str {
        let example: serde_json::Value = serde_json::from_str(P::ROW.example).unwrap();
        let payload: P = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(payload).unwrap(), example, "{}", P::ROW.name);
        P::ROW.name
    }

    #[test]
    fn every_public_type_is_described_and_its_example_has_the_payloads_shape() {
        let shaped = BTreeSet::from([
            shaped::<UserRegistered>(),
            shaped::<UserUpdated>(),
            shaped::<UserRoleGranted>(),
            shaped::<UserRoleRevoked>(),
            shaped::<UserDisabled>(),
            shaped::<UserEnabled>(),
            shaped::<UserEmailChanged>(),
            shaped::<UserPasswordChanged>(),
            shaped::<UserLocked>(),
            shaped::<UserMfaEnabled>(),
            shaped::<UserMfaDisabled>(),
            shaped::<UserRecoveryCodeUsed>(),
            shaped::<UserApiKeyCreated>(),
            shaped::<UserApiKeyRevoked>(),
            shaped::<UserLoggedIn>(),
            shaped::<UserLoggedOut>(),
            shaped::<SessionReuseDetected>(),
            shaped::<WebhookEndpointDisabled>(),
            shaped::<WebhookTest>(),
        ]);
        let public: BTreeSet<_> = ROWS.iter().filter(|row| row.is_public).map(|row| row.name).collect();
        assert_eq!(shaped, public);
        assert!(ROWS.iter().filter(|row| row.is_public).all(|row| row.description.ends_with('.')));
    }
}
