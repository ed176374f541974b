//! One-time tokens of mailed links. Derived from an id and a key, so that a mail job need not carry one; kept as a hash,
//! so that the table holds none either.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::keys::Keyring;

const LABEL: &str = "one-time";

/// The token of `id`, made with key `kid`; `None` when that key is gone. 256 bits, base64url.
pub fn token(keyring: &Keyring, kid: &str, id: &str) -> Option<String> {
    Some(URL_SAFE_NO_PAD.encode(keyring.derive(kid, LABEL)?.mac(id.as_bytes())))
}

/// What is kept of a token, and what finds it again.
pub fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}
