//! `notifications`: what people are told, under /api/v1/notifications and /api/v1/webhook-endpoints. Notices are written by
//! `mailer`; here their people read them, and say what they want to be told at all.

pub mod change_preferences;
pub mod count_unread;
pub mod delete_notice;
pub mod list_notices;
pub mod read_all;
pub mod read_notice;
pub mod show_preferences;
mod state;

use entry::Routes;

pub use state::Notifications;

/// What this function offers.
pub fn routes() -> Routes<Notifications> {
    Routes::under("/api/v1/notifications")
        .get("", list_notices::ABOUT, list_notices::handle)
        .get("/unread-count", count_unread::ABOUT, count_unread::handle)
        .post("/read-all", read_all::ABOUT, read_all::handle)
        .get("/preferences", show_preferences::ABOUT, show_preferences::handle)
        .put("/preferences", change_preferences::ABOUT, change_preferences::handle)
        .post("/{id}/read", read_notice::ABOUT, read_notice::handle)
        .delete("/{id}", delete_notice::ABOUT, delete_notice::handle)
}
