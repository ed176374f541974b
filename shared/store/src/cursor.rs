//! Cursors: where the next page of a list begins, sealed with AES-256-GCM so that nobody can alter one or carry it to
//! another query.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Seals cursors under the first of its keys, opens them under any.
#[derive(Clone)]
pub struct Cursors(Vec<(String, [u8; 32])>);

/// The cursor is altered, foreign, or of a key that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct BadCursor;

const NONCE: usize = 12;

impl Cursors {
    /// Keys by id, the sealing one first.
    pub fn new(keys: Vec<(String, [u8; 32])>) -> Self {
        Cursors(keys)
    }

    /// A cursor that brings `position` back, for the caller and filters that `query` spells out, and for no other.
    pub fn seal(&self, query: &str, position: &[u8]) -> Result<String, BadCursor> {
        let (kid, key) = self.0.first().ok_or(BadCursor)?;
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| BadCursor)?;
        let mut sealed = position.to_vec();
        let nonce = cipher.seal_in_place_append_tag(Aad::from(query), &mut sealed).map_err(|_| BadCursor)?;
        let body: Vec<u8> = nonce.as_ref().iter().copied().chain(sealed).collect();
        Ok(format!("{kid}.{}", URL_SAFE_NO_PAD.encode(body)))
    }

    /// The position that a cursor of `query` stands for.
    pub fn open(&self, query: &str, cursor: &str) -> Result<Vec<u8>, BadCursor> {
        let (kid, body) = cursor.split_once('.').ok_or(BadCursor)?;
        let (_, key) = self.0.iter().find(|(known, _)| known == kid).ok_or(BadCursor)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| BadCursor)?;
        let (nonce, sealed) = body.split_at_checked(NONCE).ok_or(BadCursor)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| BadCursor)?;
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| BadCursor)?;
        let mut sealed = sealed.to_vec();
        let opened = cipher.open_in_place((&nonce).into(), Aad::from(query), &mut sealed).map_err(|_| BadCursor)?;
        Ok(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(vec![("k1".into(), [7; 32])])
    }

    #[test]
    fn brings_its_position_back_to_its_own_query_only() {
        let cursor = cursors().seal("people?role=host", b"USR#1").unwrap();
        assert_eq!(cursors().open("people?role=host", &cursor).unwrap(), b"USR#1");
        assert_eq!(cursors().open("people?role=buyer", &cursor), Err(BadCursor));
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let cursor = cursors().seal("q", b"position").unwrap();
        for i in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[i] = if altered[i] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(cursors().open("q", &altered), Err(BadCursor), "{altered}");
        }
        for nonsense in ["", ".", "k1.", "k1.AAAA", "k2.AAAA", "ключ.AAAA"] {
            assert_eq!(cursors().open("q", nonsense), Err(BadCursor));
        }
    }

    #[test]
    fn the_previous_key_still_opens() {
        let old = cursors().seal("q", b"x").unwrap();
        let rotated = Cursors::new(vec![("k2".into(), [9; 32]), ("k1".into(), [7; 32])]);
        assert_eq!(rotated.open("q", &old).unwrap(), b"x");
        assert!(rotated.seal("q", b"x").unwrap().starts_with("k2."));
    }
}
