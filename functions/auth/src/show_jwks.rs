//! GET /api/v1/auth/.well-known/jwks.json

use axum::extract::State;
use axum::http::header;
use entry::{About, Document};

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show the public keys of access tokens",
    description: "A bare JWK set (RFC 7517), without envelope: the key that signs now, and the one that will.",
    errors: &[],
};

/// Verifiers may keep it for five minutes.
pub async fn handle(State(auth): State<Auth>) -> Document {
    Document::json(auth.app.verifier.jwks().to_owned()).with(header::CACHE_CONTROL, "public, max-age=300")
}
