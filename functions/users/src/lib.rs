//! `users`: people, under /api/v1/users. Whoever is signed in reads and changes their own profile here.

pub mod change_profile;
pub mod show_profile;
mod state;

use entry::Routes;

pub use state::Users;

/// What this function offers.
pub fn routes() -> Routes<Users> {
    Routes::under("/api/v1/users")
        .get("/profile", show_profile::ABOUT, show_profile::handle)
        .put("/profile", change_profile::ABOUT, change_profile::handle)
        .patch("/profile", change_profile::ABOUT, change_profile::handle)
}
