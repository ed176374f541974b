//! What this function has at hand.

use axum::extract::FromRef;
use entry::{App, Aws, Environment, Start, StartError};

/// The state of `users`.
#[derive(Clone)]
pub struct Users {
    /// What every function has; callers are looked up each time.
    pub app: App,
}

impl Start for Users {
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        Ok(Users { app: App::start_strict(environment, aws).await? })
    }
}

impl FromRef<Users> for App {
    fn from_ref(users: &Users) -> App {
        users.app.clone()
    }
}
