//! The text of an API key: `souk_{id}_{owner and secret}_{checksum}`. It says whose it is, so account and key are found
//! in one call without a pointer between them; the checksum refuses a typing error without any.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::ApiKey;
use domain::identity::api_key::MARK;
use domain::{Id, id};

use crate::keys::random;

const OWNER: usize = 16;
const SECRET: usize = 32;
const CHECKSUM: usize = 4;

/// A fresh key of `user`: its text, which is shown once, and the hash that is kept.
pub fn make(user: Id<id::User>, id: Id<id::ApiKey>) -> (String, String) {
    let secret: [u8; SECRET] = random();
    let body = [user.as_bytes().as_slice(), &secret].concat();
    let text = format!("{MARK}{id}_{}", hex(&body));
    let checksum = checksum(&text);
    (format!("{text}_{checksum}"), hash(&body))
}

/// A text that looks like a key of ours. It holds the secret: it has no Debug.
pub struct PresentedKey {
    /// Whose it says it is.
    pub user: Id<id::User>,
    /// Which one it says it is.
    pub id: Id<id::ApiKey>,
    hash: String,
}

impl PresentedKey {
    /// Whether `text` is meant to be a key at all.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(MARK)
    }

    /// Reads what may be a key; `None` for what cannot be one.
    pub fn read(text: &str) -> Option<Self> {
        let (checked, found) = text.rsplit_once('_')?;
        if found != checksum(checked) {
            return None;
        }
        let (id, body) = checked.strip_prefix(MARK)?.rsplit_once('_')?;
        let body = unhex(body).filter(|body| body.len() == OWNER + SECRET)?;
        let owner = body.get(..OWNER)?.try_into().ok()?;
        Some(PresentedKey { user: Id::from_bytes(owner), id: id.parse().ok()?, hash: hash(&body) })
    }

    /// Whether this is that key, in constant time.
    pub fn is(&self, key: &ApiKey) -> bool {
        verify_slices_are_equal(self.hash.as_bytes(), key.hash.as_bytes()).is_ok()
    }
}

fn hash(body: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, body))
}

/// No secret: it follows from the text, for whoever has that.
fn checksum(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref().get(..CHECKSUM).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| char::from(*c).to_digit(16).filter(|_| !c.is_ascii_uppercase());
    let byte = |pair: &[u8]| u8::try_from(digit(pair.first()?)? * 16 + digit(pair.get(1)?)?).ok();
    text.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use domain::Time;

    use super::*;

    #[test]
    fn a_key_is_read_back_and_known_by_its_hash() {
        let now = Time::from_millis(1_795_168_800_000);
        let (user, id) = (Id::new(now, random()), Id::new(now, random()));
        let (text, hash) = make(user, id);
        assert_eq!((text.len(), text.matches('_').count()), (141, 4), "{text}");
        let read = PresentedKey::read(&text).unwrap();
        assert_eq!((read.user, read.id, read.hash), (user, id, hash.clone()));
        let (other, _) = make(user, id);
        assert_ne!(PresentedKey::read(&other).unwrap().hash, hash, "the secret is fresh");
    }

    #[test]
    fn every_change_of_a_character_is_noticed_before_a_read() {
        let now = Time::from_millis(1_795_168_800_000);
        let (text, _) = make(Id::new(now, random()), Id::new(now, random()));
        for i in 0..text.len() {
            for c in ['0', 'f', '_', 'A', '~'] {
                let mut changed: Vec<char> = text.chars().collect();
                changed[i] = c;
                let changed: String = changed.into_iter().collect();
                assert!(changed == text || PresentedKey::read(&changed).is_none(), "{changed}");
            }
            assert!(PresentedKey::read(&text[..i]).is_none() && PresentedKey::read(&text[i + 1..]).is_none());
        }
        // Well formed and checked, and still no key.
        for text in ["souk_", "souk__", "souk_key_x_00", "x_key_01m7wtjrtpfmzvhqv45nw69mxj_00"] {
            assert!(PresentedKey::read(&format!("{text}_{}", checksum(text))).is_none(), "{text}");
        }
    }
}
