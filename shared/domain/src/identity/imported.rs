//! Hashes of passwords that were made elsewhere: people come with them, and keep their passwords. They are replaced at the
//! next good login.

use std::str::FromStr;

use argon2::Params;
use argon2::password_hash::phc;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::PasswordHash;
use crate::Invalid;

/// bcrypt knows no more of a password, in bytes; a longer one cannot be the one.
const BCRYPT_BYTES: usize = 72;
/// What checking one password may cost at most: bcrypt's cost, and Argon2's memory in KiB, passes and lanes.
const MAX_BCRYPT_COST: u32 = 14;
const MAX_ARGON2: (u32, u32, u32) = (256 * 1024, 10, 4);

/// A hash by Argon2id or bcrypt (2a, 2b, 2y) that is cheap enough to check. It never shows itself.
#[derive(Clone, Debug)]
pub struct ImportedHash(PasswordHash);

impl ImportedHash {
    /// As it is kept until it is replaced.
    pub fn get(self) -> PasswordHash {
        self.0
    }
}

impl FromStr for ImportedHash {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_good = if is_bcrypt(text) { is_good_bcrypt(text) } else { is_good_argon2(text) };
        match is_good && text.len() <= 256 {
            true => Ok(ImportedHash(PasswordHash::imported(text.to_owned()))),
            false => Err("must be a hash by Argon2id or bcrypt (2a, 2b, 2y), of bearable cost".into()),
        }
    }
}

impl JsonSchema for ImportedHash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PasswordHash".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let example = "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m";
        json_schema!({ "type": "string", "maxLength": 256, "description": "Argon2id or bcrypt (2a, 2b, 2y)", "examples": [example] })
    }
}

/// Whether a hash says that it is bcrypt's.
pub(super) fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2y$"].iter().any(|mark| hash.starts_with(mark))
}

/// Whether `password` is the one of a bcrypt hash. Nothing is cut off: a password that is too long for bcrypt fails.
pub(super) fn bcrypt_matches(hash: &str, password: &str) -> bool {
    password.len() <= BCRYPT_BYTES && bcrypt::verify(password, hash).unwrap_or(false)
}

fn is_good_bcrypt(hash: &str) -> bool {
    let [_, _, cost, rest] = hash.split('$').collect::<Vec<_>>()[..] else { return false };
    let is_plain = rest.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'.' || c == b'/');
    let cost = Some(cost).filter(|cost| cost.len() == 2).and_then(|cost| cost.parse().ok());
    is_plain && rest.len() == 53 && cost.is_some_and(|cost: u32| (4..=MAX_BCRYPT_COST).contains(&cost))
}

fn is_good_argon2(hash: &str) -> bool {
    let Ok(parsed) = phc::PasswordHash::new(hash) else { return false };
    let params = Params::try_from(&parsed).ok();
    let (memory, passes, lanes) = MAX_ARGON2;
    let bearable = params.is_some_and(|p| p.m_cost() <= memory && p.t_cost() <= passes && p.p_cost() <= lanes);
    parsed.algorithm.as_str() == "argon2id" && parsed.salt.is_some() && parsed.hash.is_some() && bearable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Password;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    #[test]
    fn imported_hashes_open_to_their_passwords() {
        // Made by libxcrypt.
        for hash in [
            "$2b$04$GhvMmNVjRW29ulnudl.Lbu4n8JBSoIVR0E.KXkhseuCbUIXdp5yq.",
            "$2y$04$GhvMmNVjRW29ulnudl.Lbu4n8JBSoIVR0E.KXkhseuCbUIXdp5yq.",
            "$2a$04$GhvMmNVjRW29ulnudl.Lbu4n8JBSoIVR0E.KXkhseuCbUIXdp5yq.",
        ] {
            let hash = hash.parse::<ImportedHash>().unwrap().get();
            assert!(hash.matches(&password("correct horse battery staple")));
            assert!(!hash.matches(&password("correct horse battery stable")));
            assert!(!hash.is_current());
        }
    }

    #[test]
    fn s4_long_password() {
        let stem = "0123456789".repeat(8);
        let made = bcrypt::hash_with_salt(&stem[..72], 4, [7; 16]).unwrap().to_string();
        let hash = made.parse::<ImportedHash>().unwrap().get();
        assert!(hash.matches(&password(&stem[..72])));
        assert!(!hash.matches(&password(&stem[..73])), "the 73rd byte matters");
        let own = password(&stem[..73]).hash([1; 16]);
        assert!(own.is_current() && !own.matches(&password(&stem[..72])));
    }

    #[test]
    fn weak_and_costly_ones_are_told_apart() {
        let argon2 = |kind: &str, costs: &str| {
            format!("${kind}$v=19${costs}$c291ay1ub2JvZHktc2FsdA$6Qx1cEgbYkS8pZJHFJH0Qy8pQFQ0O3E1cCk0r3mXx0s")
        };
        let weak = argon2("argon2id", "m=4096,t=1,p=1").parse::<ImportedHash>().unwrap().get();
        assert!(!weak.is_current());
        assert!(argon2("argon2id", "m=19456,t=2,p=1").parse::<ImportedHash>().unwrap().get().is_current());
        for wrong in [
            argon2("argon2i", "m=19456,t=2,p=1"),
            argon2("argon2id", "m=4194304,t=2,p=1"),
            argon2("argon2id", "m=19456,t=1000,p=1"),
            "$2b$31$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m".to_owned(),
            "$2x$04$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m".to_owned(),
            "$2b$04$short".to_owned(),
            "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
            String::new(),
        ] {
            assert!(wrong.parse::<ImportedHash>().is_err(), "{wrong}");
        }
    }
}
