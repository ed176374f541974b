//! Typed ids: `usr_01h455vb4pex5vsknk084sn02q`. A TypeID 0.3: prefix, underscore, UUIDv7 in Crockford base32, so that ids
//! of one kind sort by the time they were made.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::Time;

/// What an id stands for; its prefix keeps kinds apart in the open.
pub trait Kind: 'static {
    /// The letters before the underscore.
    const PREFIX: &'static str;
    /// What a path calls the id, behind that of what it belongs to.
    const INNER: &'static str = "innerId";
}

/// An account.
#[derive(Debug)]
pub enum User {}
impl Kind for User {
    const PREFIX: &'static str = "usr";
}

/// A session of an account.
#[derive(Debug)]
pub enum Session {}
impl Kind for Session {
    const PREFIX: &'static str = "ses";
}

/// A registration that waits for its proof.
#[derive(Debug)]
pub enum Registration {}
impl Kind for Registration {
    const PREFIX: &'static str = "reg";
}

/// A one-time token of a mailed link.
#[derive(Debug)]
pub enum Proof {}
impl Kind for Proof {
    const PREFIX: &'static str = "prf";
}

/// An event.
#[derive(Debug)]
pub enum Event {}
impl Kind for Event {
    const PREFIX: &'static str = "evt";
}

/// A personal API key.
#[derive(Debug)]
pub enum ApiKey {}
impl Kind for ApiKey {
    const PREFIX: &'static str = "key";
}

/// An in-app notification.
#[derive(Debug)]
pub enum Notification {}
impl Kind for Notification {
    const PREFIX: &'static str = "ntf";
}

/// A place that takes webhooks.
#[derive(Debug)]
pub enum Endpoint {}
impl Kind for Endpoint {
    const PREFIX: &'static str = "whe";
}

/// An event on its way to one endpoint.
#[derive(Debug)]
pub enum Delivery {}
impl Kind for Delivery {
    const PREFIX: &'static str = "dlv";
    const INNER: &'static str = "deliveryId";
}

/// An entry of the audit trail.
#[derive(Debug)]
pub enum Audit {}
impl Kind for Audit {
    const PREFIX: &'static str = "aud";
}

/// The id of one `K`. It is parsed, never trusted, and never becomes the id of another kind.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// What is wrong with a text that should be an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

impl<K: Kind> Id<K> {
    /// The id of something made at `time`, told apart from its contemporaries by ten random bytes.
    pub fn new(time: Time, random: [u8; 10]) -> Self {
        let millis = u64::try_from(time.millis()).unwrap_or(0);
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// When the thing was made, as its id tells.
    pub fn time(&self) -> Time {
        let bits = self.uuid.as_u128() >> 80;
        Time::from_millis(i64::try_from(bits).unwrap_or(i64::MAX))
    }

    /// The id with these bits.
    pub fn from_uuid(uuid: Uuid) -> Self {
        Id { uuid, kind: PhantomData }
    }

    /// The id with these bits, as [`Id::as_bytes`] tells them.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Id::from_uuid(Uuid::from_bytes(bytes))
    }

    /// The bits of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.uuid.as_bytes()
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.uuid.as_u128();
        let mut suffix = [0u8; SUFFIX_LENGTH];
        for (i, symbol) in suffix.iter_mut().enumerate() {
            let shift = 5 * (SUFFIX_LENGTH - 1 - i);
            *symbol = ALPHABET[((bits >> shift) & 31) as usize];
        }
        write!(f, "{}_{}", K::PREFIX, std::str::from_utf8(&suffix).map_err(|_| fmt::Error)?)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let suffix = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
        // 26 symbols carry 130 bits: the first may only use three of its five, or the value would not fit.
        if suffix.len() != SUFFIX_LENGTH || suffix.as_bytes()[0] > b'7' {
            return Err(NotAnId);
        }
        let mut bits: u128 = 0;
        for symbol in suffix.bytes() {
            let value = ALPHABET.iter().position(|&known| known == symbol).ok_or(NotAnId)?;
            bits = (bits << 5) | value as u128;
        }
        Ok(Id::from_uuid(Uuid::from_u128(bits)))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
/// By the time they were made.
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
impl<K: Kind> schemars::JsonSchema for Id<K> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Id_{}", K::PREFIX).into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX),
            "examples": [format!("{}_01h455vb4pex5vsknk084sn02q", K::PREFIX)]
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn follows_the_typeid_specification() {
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(Id::<User>::from_uuid(uuid).to_string(), "usr_01h455vb4pex5vsknk084sn02q");
        assert_eq!(Id::<User>::from_uuid(Uuid::max()).to_string(), "usr_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn refuses_other_kinds_and_other_spellings() {
        for text in [
            "",
            "usr",
            "usr_",
            "ses_01h455vb4pex5vsknk084sn02q",
            "usr_01H455VB4PEX5VSKNK084SN02Q",
            "usr_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "usr_01h455vb4pex5vsknk084sn02",
            "usr_01h455vb4pex5vsknk084sn02qq",
            "usr_01h455vb4pex5vsknk084sn02l",
            "usr-01h455vb4pex5vsknk084sn02q",
            "usr_01h455vb4pex5vsknk084sn0é",
        ] {
            assert_eq!(text.parse::<Id<User>>(), Err(NotAnId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_writes(bits: u128) {
            let id = Id::<Session>::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<Id<Session>>(), Ok(id));
        }

        #[test]
        fn tells_its_time(millis in 0..4_000_000_000_000i64, r: [u8; 10]) {
            prop_assert_eq!(Id::<Event>::new(Time::from_millis(millis), r).time(), Time::from_millis(millis));
        }

        #[test]
        fn sorts_by_time(a in 0..4_000_000_000_000i64, later in 1..1_000_000i64, r: [u8; 10], s: [u8; 10]) {
            let early = Id::<Event>::new(Time::from_millis(a), r);
            let late = Id::<Event>::new(Time::from_millis(a + later), s);
            prop_assert!(early.to_string() < late.to_string());
        }
    }
}
