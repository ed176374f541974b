//! `docs`: what people and machines read about this API, and whether it is well. It also owns every path that nobody
//! else does, so that an unknown one is answered in the envelope.

mod checks;
mod page;
mod published;
pub mod redirect_redoc;
pub mod show_document;
pub mod show_health;
pub mod show_overview;
pub mod show_page;
mod state;

use entry::Routes;

pub use state::Docs;

/// What this function offers. Health has three names: monitors of all habits find it.
pub fn routes() -> Routes<Docs> {
    Routes::under("")
        .get("/", show_overview::ABOUT, show_overview::handle)
        .get("/health", show_health::ABOUT, show_health::handle)
        .get("/api/health", show_health::ABOUT, show_health::handle)
        .get("/api/v1/health", show_health::ABOUT, show_health::handle)
        .get("/api/openapi.json", show_document::ABOUT, show_document::handle)
        .get("/api/docs", show_page::ABOUT, show_page::handle)
        .get("/api/redoc", redirect_redoc::ABOUT, redirect_redoc::handle)
}
