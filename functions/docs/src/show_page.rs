//! GET /api/docs

use std::sync::LazyLock;

use axum::http::HeaderMap;
use entry::About;

use crate::page;
use crate::published::{Html, Published, Served};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show the API page",
    description: "A page for people: reads this document, explains each operation and tries it. It loads nothing from \
                  elsewhere.",
    errors: &[],
};

static PAGE: LazyLock<Published> = LazyLock::new(page::publish);

/// The page.
pub async fn handle(headers: HeaderMap) -> Served<Html> {
    PAGE.serve(&headers)
}
