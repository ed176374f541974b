//! `users`: people, under /api/v1/users. Whoever is signed in reads and changes their own profile here;
//! staff look people up, and administrators manage them.

pub mod add_role;
pub mod change_profile;
pub mod drop_role;
mod person_change;
pub mod set_roles;
pub mod set_status;
pub mod show_profile;
pub mod show_stats;
mod state;

use entry::Routes;

pub use state::Users;

/// What this function offers.
pub fn routes() -> Routes<Users> {
    Routes::under("/api/v1/users")
        .get("/stats", show_stats::ABOUT, show_stats::handle)
        .get("/profile", show_profile::ABOUT, show_profile::handle)
        .put("/profile", change_profile::ABOUT, change_profile::handle)
        .patch("/profile", change_profile::ABOUT, change_profile::handle)
        .post("/profile/roles", add_role::ABOUT, add_role::handle)
        .delete("/profile/roles/{role}", drop_role::ABOUT, drop_role::handle)
        .put("/{id}/roles", set_roles::ABOUT, set_roles::handle)
        .patch("/{id}/status", set_status::ABOUT, set_status::handle)
}
