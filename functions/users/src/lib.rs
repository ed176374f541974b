//! `users`: people, under /api/v1/users. Whoever is signed in reads and changes their own profile here;
//! staff look people up, and administrators manage them.

pub mod add_role;
pub mod change_profile;
pub mod change_user;
pub mod create_user;
mod credential_act;
pub mod drop_role;
pub mod end_sessions;
pub mod force_reset;
pub mod hashing;
pub mod list_activity;
pub mod list_audit;
pub mod list_users;
mod person_change;
pub mod remove_factor;
pub mod set_roles;
pub mod set_status;
pub mod show_profile;
pub mod show_stats;
pub mod show_user;
mod state;

use entry::Routes;

pub use state::{Users, password_min_length};

/// What this function offers.
pub fn routes() -> Routes<Users> {
    Routes::under("/api/v1/users")
        .get("/stats", show_stats::ABOUT, show_stats::handle)
        .get("", list_users::ABOUT, list_users::handle)
        .post("", create_user::ABOUT, create_user::handle)
        .get("/audit", list_audit::ABOUT, list_audit::handle)
        .get("/profile", show_profile::ABOUT, show_profile::handle)
        .put("/profile", change_profile::ABOUT, change_profile::handle)
        .patch("/profile", change_profile::ABOUT, change_profile::handle)
        .get("/profile/activity", list_activity::ABOUT, list_activity::handle)
        .post("/profile/roles", add_role::ABOUT, add_role::handle)
        .delete("/profile/roles/{role}", drop_role::ABOUT, drop_role::handle)
        .get("/{id}", show_user::ABOUT, show_user::handle)
        .put("/{id}", change_user::ABOUT, change_user::handle)
        .patch("/{id}", change_user::ABOUT, change_user::handle)
        .put("/{id}/roles", set_roles::ABOUT, set_roles::handle)
        .patch("/{id}/status", set_status::ABOUT, set_status::handle)
        .post("/{id}/password-reset", force_reset::ABOUT, force_reset::handle)
        .delete("/{id}/sessions", end_sessions::ABOUT, end_sessions::handle)
        .delete("/{id}/mfa", remove_factor::ABOUT, remove_factor::handle)
}
