//! GET /api/openapi.json

use std::sync::LazyLock;

use axum::http::HeaderMap;
use entry::About;

use crate::published::{Json, Published, Served};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show the OpenAPI document",
    description: "This document: OpenAPI 3.1, bare, without the envelope. The roles that an operation needs stand in \
                  `x-roles`, the scope that an API key needs in `x-scope`; without one, no key opens it.",
    errors: &[],
};

/// Made by the tests from the handlers' signatures, so that no function has to.
static DOCUMENT: LazyLock<Published> =
    LazyLock::new(|| Published::new(include_str!("../../../docs/openapi.json"), "application/json"));

/// The text as it was checked in.
pub async fn handle(headers: HeaderMap) -> Served<Json> {
    DOCUMENT.serve(&headers)
}
