//! `auth`: how somebody becomes known, under /api/v1/auth. The only function that may read waiting registrations and
//! the private keys of access tokens.

mod begin_session;
pub mod begin_totp;
mod bootstrap;
pub mod change_email;
pub mod change_password;
pub mod confirm_totp;
pub mod create_api_key;
pub mod disable_totp;
pub mod end_other_sessions;
pub mod end_session;
pub mod list_api_keys;
pub mod list_sessions;
pub mod login;
pub mod login_mfa;
pub mod logout;
mod new_password;
mod pace;
mod reauthentication;
pub mod refresh;
mod refresh_token;
pub mod register;
pub mod renew_recovery_codes;
pub mod request_password_reset;
pub mod resend_verification;
pub mod reset_password;
pub mod revoke_api_key;
mod second_factor;
pub mod show_jwks;
pub mod show_mfa;
pub mod show_session;
pub mod show_verification;
mod sign_in_token;
mod state;
mod tokens;
pub mod verify_email;

use entry::Routes;
use users::{change_profile, hashing, show_profile};

pub use state::Auth;

/// What this function offers. The profile is that of `users`, for clients that know it under these names.
pub fn routes() -> Routes<Auth> {
    Routes::under("/api/v1/auth")
        .post("/register", register::ABOUT, register::handle)
        .get("/verify-email", show_verification::ABOUT, show_verification::handle)
        .post("/verify-email", verify_email::ABOUT, verify_email::handle)
        .post("/verify-email/resend", resend_verification::ABOUT, resend_verification::handle)
        .post("/login", login::ABOUT, login::handle)
        .post("/login/mfa", login_mfa::ABOUT, login_mfa::handle)
        .post("/refresh", refresh::ABOUT, refresh::handle)
        .post("/refresh-token", refresh::ABOUT, refresh::handle)
        .post("/logout", logout::ABOUT, logout::handle)
        .get("/session", show_session::ABOUT, show_session::handle)
        .get("/sessions", list_sessions::ABOUT, list_sessions::handle)
        .delete("/sessions", end_other_sessions::ABOUT, end_other_sessions::handle)
        .delete("/sessions/{id}", end_session::ABOUT, end_session::handle)
        .get("/mfa", show_mfa::ABOUT, show_mfa::handle)
        .post("/mfa/totp", begin_totp::ABOUT, begin_totp::handle)
        .post("/mfa/totp/confirm", confirm_totp::ABOUT, confirm_totp::handle)
        .post("/mfa/totp/disable", disable_totp::ABOUT, disable_totp::handle)
        .post("/mfa/recovery-codes", renew_recovery_codes::ABOUT, renew_recovery_codes::handle)
        .get("/api-keys", list_api_keys::ABOUT, list_api_keys::handle)
        .post("/api-keys", create_api_key::ABOUT, create_api_key::handle)
        .delete("/api-keys/{id}", revoke_api_key::ABOUT, revoke_api_key::handle)
        .post("/change-password", change_password::ABOUT, change_password::handle)
        .post("/change-email", change_email::ABOUT, change_email::handle)
        .post("/password-reset-request", request_password_reset::ABOUT, request_password_reset::handle)
        .post("/password-reset", reset_password::ABOUT, reset_password::handle)
        .get("/me", show_profile::ABOUT, show_profile::handle)
        .put("/me", change_profile::ABOUT, change_profile::handle)
        .patch("/me", change_profile::ABOUT, change_profile::handle)
        .get("/profile", show_profile::ABOUT, show_profile::handle)
        .put("/profile", change_profile::ABOUT, change_profile::handle)
        .patch("/profile", change_profile::ABOUT, change_profile::handle)
        .get("/.well-known/jwks.json", show_jwks::ABOUT, show_jwks::handle)
}
