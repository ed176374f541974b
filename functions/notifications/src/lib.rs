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
pub mod webhook_endpoints;

use entry::Routes;
use webhook_endpoints::{
    change_endpoint, create_endpoint, delete_endpoint, list_deliveries, list_endpoints, list_event_types,
    rotate_secret, send_test, show_delivery, show_endpoint,
};

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
        .and_under("/api/v1/webhook-endpoints")
        .get("", list_endpoints::ABOUT, list_endpoints::handle)
        .post("", create_endpoint::ABOUT, create_endpoint::handle)
        .get("/event-types", list_event_types::ABOUT, list_event_types::handle)
        .get("/{id}", show_endpoint::ABOUT, show_endpoint::handle)
        .put("/{id}", change_endpoint::ABOUT, change_endpoint::handle)
        .patch("/{id}", change_endpoint::ABOUT, change_endpoint::handle)
        .delete("/{id}", delete_endpoint::ABOUT, delete_endpoint::handle)
        .post("/{id}/rotate-secret", rotate_secret::ABOUT, rotate_secret::handle)
        .post("/{id}/test", send_test::ABOUT, send_test::handle)
        .get("/{id}/deliveries", list_deliveries::ABOUT, list_deliveries::handle)
        .get("/{id}/deliveries/{deliveryId}", show_delivery::ABOUT, show_delivery::handle)
}
