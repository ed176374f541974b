//! What this function has at hand.

use axum::extract::FromRef;
use domain::identity::password::MIN_LENGTH;
use entry::{App, Aws, Environment, Keyring, Start, StartError};
use store::cursor::Cursors;

/// The state of `users`.
#[derive(Clone)]
pub struct Users {
    /// What every function has; callers are looked up each time.
    pub app: App,
    /// Makes one-time tokens.
    pub keyring: Keyring,
    /// What seals the cursors of lists.
    pub cursors: Cursors,
    /// The fewest characters of a new password.
    pub password_min_length: usize,
}

impl Start for Users {
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let (app, keyring) = tokio::try_join!(App::start_strict(environment, aws), environment.keyring(aws))?;
        let (cursors, password_min_length) = (entry::cursors(&keyring), password_min_length(environment)?);
        Ok(Users { app, keyring, cursors, password_min_length })
    }
}

/// Setting `PASSWORD_MIN_LENGTH`.
pub fn password_min_length(environment: &Environment) -> Result<usize, StartError> {
    let name = "PASSWORD_MIN_LENGTH";
    let Some(text) = environment.optional(name) else { return Ok(MIN_LENGTH) };
    let length = text.parse().ok().filter(|length| (MIN_LENGTH..=64).contains(length));
    length.ok_or(StartError::Wrong { name, reason: "must be a number from 8 to 64".to_owned() })
}

impl FromRef<Users> for App {
    fn from_ref(users: &Users) -> App {
        users.app.clone()
    }
}
