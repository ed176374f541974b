//! What this function has at hand beyond [`App`].

use axum::extract::FromRef;
use domain::identity::webhook::Reach;
use entry::{App, Aws, Environment, Keyring, Start, StartError};
use store::cursor::Cursors;

/// The state of `notifications`.
#[derive(Clone)]
pub struct Notifications {
    /// What every function has.
    pub app: App,
    /// What secrets are sealed under.
    pub keyring: Keyring,
    /// What seals the cursors of lists.
    pub cursors: Cursors,
    /// Where webhooks may go.
    pub reach: Reach,
}

impl Start for Notifications {
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let (app, keyring) = tokio::try_join!(App::start(environment, aws), environment.keyring(aws))?;
        let cursors = entry::cursors(&keyring);
        Ok(Notifications { app, keyring, cursors, reach: environment.webhook_reach() })
    }
}

impl FromRef<Notifications> for App {
    fn from_ref(notifications: &Notifications) -> App {
        notifications.app.clone()
    }
}
