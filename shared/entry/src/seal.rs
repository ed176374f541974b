//! Secrets that must be read again: sealed with AES-256-GCM under a key of the keyring and bound to their owner's id, so
//! that what was sealed for one owner opens for no other, wherever it is put.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::keys::{BadKeys, Keyring, SubKey};

impl Keyring {
    /// `kid.sealed`, in base64url: nonce, ciphertext and tag under the current key for `label`. `owner` is not kept;
    /// whoever opens it must know it.
    ///
    /// # Errors
    /// When the cipher fails, which it does for nothing that fits into memory.
    pub fn seal(&self, label: &str, owner: &str, secret: &[u8]) -> Result<String, BadKeys> {
        let failed = BadKeys::new("sealing failed");
        let Some((kid, key)) = self.current_for(label) else { return Err(failed) };
        let mut sealed = secret.to_vec();
        let Some(nonce) = cipher(&key).and_then(|cipher| cipher.seal_in_place_append_tag(aad(owner), &mut sealed).ok())
        else {
            return Err(failed);
        };
        let bytes = [nonce.as_ref().as_slice(), &sealed].concat();
        Ok(format!("{kid}.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What was sealed for `owner` under `label`; nothing for anybody else, for what was altered, and when its key is
    /// gone.
    pub fn open(&self, label: &str, owner: &str, sealed: &str) -> Option<Vec<u8>> {
        let (kid, text) = sealed.split_once('.')?;
        let key = self.derive(kid, label)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, body) = bytes.split_at_checked(NONCE_LEN)?;
        let mut body = body.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = cipher(&key)?.open_in_place(nonce, aad(owner), &mut body).ok()?;
        Some(opened.to_vec())
    }
}

fn cipher(key: &SubKey) -> Option<RandomizedNonceKey> {
    RandomizedNonceKey::new(&AES_256_GCM, key.bytes()).ok()
}

fn aad(owner: &str) -> Aad<&[u8]> {
    Aad::from(owner.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::generate_keyring;

    #[test]
    fn only_its_owner_its_label_and_its_key_open_a_secret() {
        let ring = Keyring::parse(&generate_keyring()).unwrap();
        let sealed = ring.seal("totp", "usr_1", b"secret").unwrap();
        assert_eq!(ring.open("totp", "usr_1", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(ring.open("totp", "usr_2", &sealed), None);
        assert_eq!(ring.open("webhook", "usr_1", &sealed), None);
        assert_eq!(Keyring::parse(&generate_keyring()).unwrap().open("totp", "usr_1", &sealed), None);
        assert_ne!(ring.seal("totp", "usr_1", b"secret").unwrap(), sealed, "nonces are fresh");
    }

    #[test]
    fn what_was_altered_does_not_open() {
        let ring = Keyring::parse(&generate_keyring()).unwrap();
        let sealed = ring.seal("totp", "usr_1", b"secret").unwrap();
        for i in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[i] = if altered[i] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            let opened = ring.open("totp", "usr_1", &altered);
            // The last character of base64 may carry bits that mean nothing; the decoder refuses those that are set.
            assert_eq!(opened, None, "{i}");
        }
        for wrong in ["", ".", "k.", "k.AAAA", "x"] {
            assert_eq!(ring.open("totp", "usr_1", wrong), None);
        }
    }
}
