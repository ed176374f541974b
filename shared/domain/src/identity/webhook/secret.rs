//! The secret that an endpoint's deliveries are signed with, by Standard Webhooks:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Id, Time, id};

/// The length of a secret, in bytes.
pub const LENGTH: usize = 32;
/// What secrets are sealed under, for their endpoint's id.
pub const LABEL: &str = "webhook";
const PREFIX: &str = "whsec_";

/// A signing secret; it has no `Debug`.
#[derive(Clone)]
pub struct Secret([u8; LENGTH]);

impl Secret {
    /// The secret of these random bytes.
    pub fn new(bytes: [u8; LENGTH]) -> Self {
        Secret(bytes)
    }

    /// The secret of these bytes, if they are as many as a secret has.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Secret)
    }

    /// The bytes, for sealing.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as its owner gets it, once.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    /// `v1,` and the HMAC-SHA256 of `id.timestamp.body`: one signature of header `webhook-signature`.
    pub fn sign(&self, message: Id<id::Event>, at: Time, body: &str) -> String {
        sign(&self.0, &message.to_string(), at.seconds(), body)
    }
}

fn sign(key: &[u8], message: &str, seconds: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new(); // HMAC takes keys of any length.
    };
    mac.update(format!("{message}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Header `webhook-signature`: a signature for each secret, newest first.
pub fn signatures(secrets: &[Secret], message: Id<id::Event>, at: Time, body: &str) -> String {
    let each: Vec<String> = secrets.iter().map(|secret| secret.sign(message, at, body)).collect();
    each.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_specification_does() {
        let vectors = include_str!("../../../../../tests/vectors/standard-webhooks/vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let text = |name: &str| vectors["sign"][name].as_str().unwrap();
        let key = STANDARD.decode(text("secret").strip_prefix(PREFIX).unwrap()).unwrap();
        let signed = sign(&key, text("msg_id"), vectors["sign"]["timestamp"].as_i64().unwrap(), text("payload"));
        assert_eq!(signed, text("expected"));
    }

    #[test]
    fn a_rotation_signs_twice_newest_first() {
        let secrets = [Secret::new([1; LENGTH]), Secret::new([2; LENGTH])];
        let (id, at) = (Id::new(Time::from_millis(0), [0; 10]), Time::from_millis(1_795_168_800_999));
        let header = signatures(&secrets, id, at, "{}");
        assert_eq!(header, format!("{} {}", secrets[0].sign(id, at, "{}"), secrets[1].sign(id, at, "{}")));
        assert_ne!(secrets[0].sign(id, at, "{}"), secrets[1].sign(id, at, "{}"));
        assert_ne!(secrets[0].sign(id, at, "{}"), secrets[0].sign(id, at.plus_seconds(1), "{}"));
    }

    #[test]
    fn a_secret_is_shown_as_the_specification_wants_it() {
        let shown = Secret::new([7; LENGTH]).reveal();
        let bytes = STANDARD.decode(shown.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes, [7; LENGTH]);
        assert!(Secret::from_slice(&[7; LENGTH - 1]).is_none());
    }
}
