//! GET /

use entry::{About, Shown};
use schemars::JsonSchema;
use serde::Serialize;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show where to begin",
    description: "Name and version of this API, and the paths of its documentation and health.",
    errors: &[],
};

/// Where to begin.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Overview {
    /// Of the product.
    name: &'static str,
    /// Of what runs here.
    version: &'static str,
    /// The page for people.
    docs: &'static str,
    /// The OpenAPI document.
    openapi: &'static str,
    /// Whether all is well.
    health: &'static str,
}

/// Paths, not addresses: whoever reads this knows the host.
pub async fn handle() -> Shown<Overview> {
    let overview = Overview {
        name: "Souk",
        version: env!("CARGO_PKG_VERSION"),
        docs: "/api/docs",
        openapi: "/api/openapi.json",
        health: "/health",
    };
    Shown::new("Souk: one marketplace backend", overview)
}
