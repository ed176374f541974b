//! Places that take webhooks, and what became of what was sent there, under /api/v1/webhook-endpoints. `webhook-sender`
//! does the sending.

pub mod change_endpoint;
pub mod create_endpoint;
pub mod delete_endpoint;
mod find;
pub mod list_deliveries;
pub mod list_endpoints;
pub mod list_event_types;
pub mod rotate_secret;
pub mod send_test;
pub mod show_delivery;
pub mod show_endpoint;
