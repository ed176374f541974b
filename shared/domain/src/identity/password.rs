//! Passwords: what is good enough, and how they are kept.
//!
//! Rules of NIST SP 800-63B-4: length and guessability, no composition rules, no truncation, all of Unicode after NFKC.
//! Kept as Argon2id with OWASP's m = 19 MiB, t = 2, p = 1.

use std::str::FromStr;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

use super::{EmailAddress, imported};
use crate::Invalid;
use crate::text::PersonName;

/// The fewest characters unless a setting asks for more.
pub const MIN_LENGTH: usize = 8;
/// The most characters.
pub const MAX_LENGTH: usize = 128;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password in clear, in its normal form; it never shows itself.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl FromStr for Password {
    type Err = Invalid;

    /// Any password that could be somebody's; whether it is good enough for a new one is [`Password::strength`].
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() > MAX_LENGTH * 16 {
            return Err(Invalid(format!("must have at most {MAX_LENGTH} characters").into()));
        }
        let normal: String = text.nfkc().collect();
        let length = normal.chars().count();
        if length == 0 || length > MAX_LENGTH {
            return Err(Invalid(format!("must have 1 to {MAX_LENGTH} characters").into()));
        }
        if normal.chars().any(char::is_control) {
            return Err("must not hold control characters".into());
        }
        Ok(Password(normal.into()))
    }
}

impl Password {
    /// Whether this may become a new password: at least `min_length` characters, and not easily guessed by somebody
    /// who knows `known_words` (name, address, product).
    pub fn strength(&self, min_length: usize, known_words: &[&str]) -> Result<(), Invalid> {
        let text = self.0.expose_secret();
        if text.chars().count() < min_length {
            return Err(Invalid(format!("must have {min_length} to {MAX_LENGTH} characters").into()));
        }
        let estimate = zxcvbn::zxcvbn(text, known_words);
        if estimate.score() > zxcvbn::Score::One {
            return Ok(());
        }
        let mut message = "is too easily guessed".to_owned();
        if let Some(feedback) = estimate.feedback() {
            let warning = feedback.warning().map(|w| w.to_string());
            let help = feedback.suggestions().iter().map(ToString::to_string);
            for hint in warning.into_iter().chain(help) {
                message.push_str(": ");
                message.push_str(hint.trim_end_matches('.'));
            }
        }
        Err(Invalid(message.into()))
    }

    /// Whether this may become the password of somebody of that name and address.
    pub fn suits(&self, min_length: usize, name: &PersonName, email: &EmailAddress) -> Result<(), Invalid> {
        self.strength(min_length, &[name.as_str(), email.as_str(), email.local_part(), "souk"])
    }

    /// How this password is kept. Costs 19 MiB and some 20 ms: not for an async thread.
    pub fn hash(&self, salt: [u8; 16]) -> PasswordHash {
        let hashed = hasher().hash_password_with_salt(self.0.expose_secret().as_bytes(), &salt);
        // Fails for a salt or password of impossible length only; both are bounded above.
        PasswordHash(hashed.map(|hash| hash.to_string()).unwrap_or_default())
    }
}

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default())
}

/// For comparing a password with its repetition; a kept one is compared by [`PasswordHash::matches`].
impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(other.0.expose_secret().as_bytes()).into()
    }
}

/// A password as it is kept: a PHC string.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Whether `password` is the one. Costs as much as [`Password::hash`], right or wrong, unless the hash was imported.
    pub fn matches(&self, password: &Password) -> bool {
        if imported::is_bcrypt(&self.0) {
            return imported::bcrypt_matches(&self.0, password.0.expose_secret());
        }
        let Ok(parsed) = phc::PasswordHash::new(&self.0) else { return false };
        hasher().verify_password(password.0.expose_secret().as_bytes(), &parsed).is_ok()
    }

    /// Whether it is kept as new ones are; what is not is replaced at the next good login.
    pub fn is_current(&self) -> bool {
        let parsed = phc::PasswordHash::new(&self.0);
        let params = parsed.ok().filter(|hash| hash.algorithm.as_str() == "argon2id");
        let params = params.and_then(|hash| Params::try_from(&hash).ok());
        params.is_some_and(|params| params.m_cost() >= MEMORY_KIB && params.t_cost() >= PASSES)
    }

    /// A hash that was made elsewhere.
    pub(super) fn imported(text: String) -> Self {
        PasswordHash(text)
    }

    /// The hash of nobody's password: unknown addresses cost as much as known ones.
    pub fn nobody() -> Self {
        PasswordHash(
            "$argon2id$v=19$m=19456,t=2,p=1$c291ay1ub2JvZHktc2FsdA$6Qx1cEgbYkS8pZJHFJH0Qy8pQFQ0O3E1cCk0r3mXx0s".into(),
        )
    }
}

/// Hashes end in no log.
impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl JsonSchema for Password {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Password".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "password",
            "minLength": 1,
            "maxLength": MAX_LENGTH,
            "description": "8 to 128 characters after NFKC for a new one, and not easily guessed",
            "examples": ["correct horse battery staple"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        text.parse().unwrap()
    }

    #[test]
    fn s4_long_password() {
        let stem = "correct horse battery staple ".repeat(4);
        let long = &stem[..72];
        let hash = password(&format!("{long}a")).hash([7; 16]);
        assert!(hash.matches(&password(&format!("{long}a"))));
        assert!(!hash.matches(&password(&format!("{long}b"))));
    }

    #[test]
    fn s4_weak_password() {
        for weak in ["six666", "password", "12345678", "qwertyuiop", "iloveyou1", "ada.lovelace", "souk1234"] {
            assert!(password(weak).strength(MIN_LENGTH, &["Ada Lovelace", "ada.lovelace", "souk"]).is_err(), "{weak}");
        }
        assert!(password("correct horse battery staple").strength(MIN_LENGTH, &[]).is_ok());
        let refusal = password("password").strength(MIN_LENGTH, &[]).unwrap_err();
        assert!(refusal.to_string().len() > "is too easily guessed".len(), "the detail says why: {refusal}");
    }

    #[test]
    fn unicode_forms_of_one_password_are_one() {
        let hash = password("Ångström-längd").hash([1; 16]);
        assert!(hash.matches(&password("A\u{30a}ngstro\u{308}m-la\u{308}ngd")));
    }

    #[test]
    fn nobodys_hash_costs_the_same_and_matches_nothing() {
        let nobody = PasswordHash::nobody();
        let real = password("some password").hash([3; 16]);
        let cost = |hash: &PasswordHash| hash.0.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(cost(&nobody), cost(&real));
        assert!(phc::PasswordHash::new(&nobody.0).is_ok());
        assert!(!nobody.matches(&password("some password")));
    }

    #[test]
    fn control_characters_and_129_are_refused() {
        assert!("abc\u{0}defgh".parse::<Password>().is_err());
        assert!("x".repeat(129).parse::<Password>().is_err());
        assert!("x".repeat(128).parse::<Password>().is_ok());
    }
}
