//! Refresh tokens: `{kid}.{base64url(account, session, generation, MAC)}`. The successor follows from session, generation
//! and a key, so nothing of it is stored, and a forged one is refused without a read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::Session;
use domain::{Id, id};
use entry::Keyring;

const LABEL: &str = "refresh";
const CLAIM: usize = 16 + 16 + 4;
const MAC: usize = 32;
const MAX_LENGTH: usize = 256;

/// What a genuine refresh token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub user: Id<id::User>,
    pub session: Id<id::Session>,
    pub generation: u32,
}

/// The refresh token of a session's present generation; `None` when the keyring is empty, which it never is.
pub fn issue(keyring: &Keyring, session: &Session) -> Option<String> {
    let (kid, key) = keyring.current_for(LABEL)?;
    let mut bytes = [session.user.as_bytes().as_slice(), session.id.as_bytes()].concat();
    bytes.extend(session.generation.to_be_bytes());
    let mac = key.mac(&bytes);
    bytes.extend(mac);
    Some(format!("{kid}.{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// What a token says, if we made it.
pub fn read(keyring: &Keyring, token: &str) -> Option<Claim> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let (kid, body) = token.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(body).ok().filter(|bytes| bytes.len() == CLAIM + MAC)?;
    let (claim, mac) = bytes.split_at(CLAIM);
    if !keyring.derive(kid, LABEL)?.verifies(claim, mac) {
        return None;
    }
    let uuid = |range: std::ops::Range<usize>| claim.get(range).and_then(|part| part.try_into().ok());
    Some(Claim {
        user: Id::from_bytes(uuid(0..16)?),
        session: Id::from_bytes(uuid(16..32)?),
        generation: u32::from_be_bytes(claim.get(32..36)?.try_into().ok()?),
    })
}
