//! What this function has at hand beyond [`App`].

use axum::extract::FromRef;
use domain::identity::EmailAddress;
use entry::token::Signer;
use entry::{App, Aws, Environment, Keyring, Start, StartError};

use users::password_min_length;

use crate::bootstrap::SETTING;

/// The state of `auth`.
#[derive(Clone)]
pub struct Auth {
    /// What every function has.
    pub app: App,
    /// Makes and checks refresh tokens and one-time tokens.
    pub keyring: Keyring,
    /// Makes access tokens.
    pub signer: Signer,
    /// The fewest characters of a new password.
    pub password_min_length: usize,
    /// Whoever proves this address becomes the very first administrator.
    pub bootstrap_admin_email: Option<EmailAddress>,
}

impl Start for Auth {
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let secrets = async { tokio::try_join!(environment.keyring(aws), environment.secret("TOKEN_KEYS", aws)) };
        let (app, (keyring, token_keys)) = tokio::try_join!(App::start_strict(environment, aws), secrets)?;
        let signer = Signer::parse(&token_keys, &app.settings.public_url, &app.verifier)
            .map_err(|source| StartError::Keys { name: "TOKEN_KEYS", source })?;
        let (password_min_length, bootstrap_admin_email) =
            (password_min_length(environment)?, bootstrap_admin_email(environment)?);
        Ok(Auth { app, keyring, signer, password_min_length, bootstrap_admin_email })
    }
}

fn bootstrap_admin_email(environment: &Environment) -> Result<Option<EmailAddress>, StartError> {
    let wrong = |reason: domain::Invalid| StartError::Wrong { name: SETTING, reason: reason.to_string() };
    environment.optional(SETTING).map(|text| text.parse().map_err(wrong)).transpose()
}

impl FromRef<Auth> for App {
    fn from_ref(auth: &Auth) -> App {
        auth.app.clone()
    }
}
