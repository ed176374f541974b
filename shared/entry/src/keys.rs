//! The keyring: every secret that is derived, sealed or MACed comes from here and carries its key's id (`kid`), so that a
//! rotation is a new first key and nothing breaks. Beside it, and for `auth` alone, the private keys of access tokens.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use indexmap::IndexMap;
use serde_json::json;

/// Why keys cannot be used. Says nothing of their content.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadKeys(&'static str);

impl BadKeys {
    pub(crate) fn new(reason: &'static str) -> Self {
        BadKeys(reason)
    }
}

/// Symmetric keys by id; the first one makes new things, all of them open old ones.
#[derive(Clone)]
pub struct Keyring(Vec<(String, [u8; 32])>);

impl Keyring {
    /// Reads `{"kid": "<32 bytes, base64url>"}`, current key first.
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        let entries: IndexMap<String, String> =
            serde_json::from_str(text).map_err(|_| BadKeys("the keyring must be a JSON object of key id to key"))?;
        let keys: Result<Vec<_>, _> =
            entries.into_iter().map(|(kid, key)| Ok((check_kid(kid)?, read_key(&key)?))).collect();
        let keys = keys?;
        if keys.is_empty() {
            return Err(BadKeys("the keyring holds no key"));
        }
        Ok(Keyring(keys))
    }

    /// The id of the key that makes new things.
    pub fn current(&self) -> &str {
        self.0.first().map(|(kid, _)| kid.as_str()).unwrap_or_default()
    }

    /// The key for one purpose, derived from key `kid` by HKDF-SHA256; `None` when there is no such key any more.
    pub fn derive(&self, kid: &str, label: &str) -> Option<SubKey> {
        let (_, key) = self.0.iter().find(|(known, _)| known == kid)?;
        let mut sub = [0; 32];
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"souk").extract(key);
        prk.expand(&[label.as_bytes()], hkdf::HKDF_SHA256).ok()?.fill(&mut sub).ok()?;
        Some(SubKey(sub))
    }

    /// Every key for one purpose with its id, the current one first.
    pub fn all_for(&self, label: &str) -> Vec<(String, SubKey)> {
        self.0.iter().filter_map(|(kid, _)| Some((kid.clone(), self.derive(kid, label)?))).collect()
    }

    /// The current key for one purpose, with its id.
    pub fn current_for(&self, label: &str) -> Option<(&str, SubKey)> {
        let kid = self.current();
        Some((kid, self.derive(kid, label)?))
    }
}

/// A key for one purpose.
#[derive(Clone)]
pub struct SubKey([u8; 32]);

impl SubKey {
    /// HMAC-SHA256 of `message`.
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), message);
        let mut mac = [0; 32];
        mac.copy_from_slice(tag.as_ref());
        mac
    }

    /// Whether `mac` is that of `message`, in constant time.
    pub fn verifies(&self, message: &[u8], mac: &[u8]) -> bool {
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), message, mac).is_ok()
    }

    /// The bytes, for ciphers.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Keys end in no log.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.0.len())
    }
}
impl fmt::Debug for SubKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubKey(…)")
    }
}

fn check_kid(kid: String) -> Result<String, BadKeys> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    match !kid.is_empty() && kid.len() <= 32 && kid.bytes().all(plain) {
        true => Ok(kid),
        false => Err(BadKeys("a key id must be 1 to 32 of A-Z, a-z, 0-9, - and _")),
    }
}

fn read_key(text: &str) -> Result<[u8; 32], BadKeys> {
    let wrong = || BadKeys("a key must be 32 bytes in base64url");
    let key: [u8; 32] = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?.try_into().map_err(|_| wrong())?;
    match key.iter().all(|byte| *byte == key[0]) {
        true => Err(BadKeys("a key must be random")),
        false => Ok(key),
    }
}

/// A fresh keyring of one key, as the secret parameter holds it.
pub fn generate_keyring() -> String {
    json!({ new_kid("k"): URL_SAFE_NO_PAD.encode(random::<32>()) }).to_string()
}

/// Fresh keys of access tokens.
pub struct TokenKeyPair {
    /// The secret parameter: `{"kid": "<PKCS 8 PEM>"}`, signing key first, then the next one.
    pub private: String,
    /// `JWT_JWKS`: the public halves of both, as a JWK set.
    pub jwks: String,
}

/// Two fresh keys of access tokens: the one that signs, and the one that will sign after the next rotation.
pub fn generate_token_keys() -> Result<TokenKeyPair, BadKeys> {
    let failed = |_| BadKeys("the system's random source failed");
    let mut private = serde_json::Map::new();
    let mut public = Vec::new();
    for kid in [new_kid("a"), new_kid("b")] {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
        let der = pair.to_pkcs8v1().map_err(failed)?;
        let point = pair.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..65]);
        public.push(json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }));
        private.insert(kid, pem(der.as_ref()).into());
    }
    Ok(TokenKeyPair {
        private: serde_json::Value::Object(private).to_string(),
        jwks: json!({ "keys": public }).to_string(),
    })
}

fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn new_kid(prefix: &str) -> String {
    let tail: String = random::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}{tail}")
}

/// Random bytes of the system; a process without them must not go on.
#[allow(clippy::expect_used)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system's random source works");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_a_new_first_key() {
        let old = generate_keyring();
        let ring = Keyring::parse(&old).unwrap();
        let (kid, key) = ring.current_for("refresh").unwrap();
        let mac = key.mac(b"message");

        let new = format!("{{\"new\":\"{}\",{}", URL_SAFE_NO_PAD.encode(random::<32>()), &old[1..]);
        let rotated = Keyring::parse(&new).unwrap();
        assert_eq!(rotated.current(), "new");
        assert!(rotated.derive(kid, "refresh").unwrap().verifies(b"message", &mac));
        assert!(!rotated.derive("new", "refresh").unwrap().verifies(b"message", &mac));
    }

    #[test]
    fn macs_are_those_of_rfc_4231() {
        let text = include_str!("../../../tests/vectors/rfc/rfc_vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
        let bytes = |hex: &serde_json::Value| -> Vec<u8> {
            let digits = hex.as_str().unwrap().as_bytes().chunks(2);
            digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
        };
        for vector in vectors["rfc4231_hmac_sha256"].as_array().unwrap() {
            // HMAC fills short keys with zeros.
            let mut key = [0; 32];
            let given = bytes(&vector["key"]);
            key[..given.len()].copy_from_slice(&given);
            assert_eq!(SubKey(key).mac(&bytes(&vector["data"])).to_vec(), bytes(&vector["hmac"]));
            assert!(SubKey(key).verifies(&bytes(&vector["data"]), &bytes(&vector["hmac"])));
        }
    }

    #[test]
    fn labels_separate_purposes() {
        let ring = Keyring::parse(&generate_keyring()).unwrap();
        let (_, refresh) = ring.current_for("refresh").unwrap();
        let (_, cursor) = ring.current_for("cursor").unwrap();
        assert_ne!(refresh.bytes(), cursor.bytes());
        assert!(ring.derive("unknown", "refresh").is_none());
    }

    #[test]
    fn weak_and_missing_keys_are_refused() {
        let zeros = format!("{{\"k\":\"{}\"}}", URL_SAFE_NO_PAD.encode([0; 32]));
        let short = format!("{{\"k\":\"{}\"}}", URL_SAFE_NO_PAD.encode([1, 2, 3]));
        let path = format!("{{\"../k\":\"{}\"}}", URL_SAFE_NO_PAD.encode(random::<32>()));
        for wrong in ["", "[]", "{}", "{\"k\":1}", zeros.as_str(), short.as_str(), path.as_str()] {
            assert!(Keyring::parse(wrong).is_err(), "{wrong}");
        }
    }
}
