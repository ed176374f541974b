//! Links to pages that a mail leads to.

use entry::Settings;

/// The front end's page; where there is none, the endpoint that shows what the token is for.
pub(crate) fn verify_email(settings: &Settings, token: &str) -> String {
    match settings.frontend_url == settings.public_url {
        true => format!("{}/api/v1/auth/verify-email?token={token}", settings.public_url),
        false => format!("{}/verify-email?token={token}", settings.frontend_url),
    }
}

/// The front end's page for a new password; it opens nothing by itself where there is none.
pub(crate) fn reset_password(settings: &Settings, token: &str) -> String {
    format!("{}/password-reset?token={token}", settings.frontend_url)
}

/// What to send where no page does it: a request with its JSON body.
pub(crate) fn request(settings: &Settings, path: &str, body: &str) -> String {
    format!("POST {}{path}\nContent-Type: application/json\n\n{body}", settings.public_url)
}
