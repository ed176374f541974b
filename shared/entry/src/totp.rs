//! Codes of authenticator apps: HMAC-SHA-1 of the step (RFC 6238).

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use domain::identity::mfa::TotpCode;

/// Bytes of a secret, as RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code of one step.
pub fn code(secret: &[u8], step: i64) -> TotpCode {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret), &step.to_be_bytes());
    let mut mac = [0; 20];
    mac.copy_from_slice(tag.as_ref());
    TotpCode::of_mac(&mac)
}

/// A secret as apps take it: base32 (RFC 4648) without padding.
pub fn base32(secret: &[u8]) -> String {
    let bits: Vec<u8> = secret.iter().flat_map(|byte| (0..8).rev().map(move |i| (byte >> i) & 1)).collect();
    let symbol = |bits: &[u8]| (0..5).fold(0, |value, i| (value << 1) | bits.get(i).copied().unwrap_or(0));
    bits.chunks(5).map(|bits| char::from(ALPHABET[usize::from(symbol(bits))])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_written_in_base32() {
        // RFC 4648, 10, without the padding.
        for (text, written) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(text.as_bytes()), written);
        }
    }
}
