//! The second factor: six digits of an authenticator app (TOTP, RFC 6238: SHA-1, 30 seconds), or one of ten recovery codes.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::id::User;
use crate::time::MINUTE;
use crate::{Id, Invalid, Time};

/// How long a step lasts, in seconds.
pub const STEP_SECONDS: i64 = 30;
/// Codes of so many steps before and after the present one are taken too, since clocks differ.
pub const STEPS_AROUND: i64 = 1;
/// How long a new factor waits for its first code, in seconds.
pub const CONFIRM_SECONDS: i64 = 10 * MINUTE;
/// How long a sign-in waits for its second factor, in seconds.
pub const SIGN_IN_SECONDS: i64 = 5 * MINUTE;
/// A sign-in ends after so many misses.
pub const MAX_MISSES: u32 = 5;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// The symbols of recovery codes: Crockford's, which no two look alike.
const SYMBOLS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Somebody's second factor, active or waiting for its first code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactor {
    /// Whose.
    pub user: Id<User>,
    /// The app's secret, sealed.
    pub secret: String,
    /// When it was asked for.
    pub created_at: Time,
    /// Since when it is asked for; it is not active before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirmed_at: Option<Time>,
    /// The step of the last code that was taken; no code of it or before is taken again.
    pub last_step: i64,
    /// MACs of the recovery codes that are left.
    pub recovery: Vec<String>,
    /// Counts changes of secret and recovery codes.
    pub version: u64,
}

impl SecondFactor {
    /// A factor that waits for its first code.
    pub fn begin(user: Id<User>, secret: String, version: u64, now: Time) -> Self {
        SecondFactor { user, secret, created_at: now, confirmed_at: None, last_step: 0, recovery: Vec::new(), version }
    }

    /// Whether it is asked for.
    pub fn is_active(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// Whether its first code may still come.
    pub fn is_waiting(&self, now: Time) -> bool {
        !self.is_active() && now.millis_since(self.created_at) < CONFIRM_SECONDS * 1000
    }

    /// The step whose code this is, `code_of` telling the code of each: of the present one and its neighbours, one that
    /// is later than the last that was taken.
    pub fn step_of(&self, code: &TotpCode, now: Time, code_of: impl Fn(i64) -> TotpCode) -> Option<i64> {
        let present = step(now);
        let mut fresh = (present - STEPS_AROUND..=present + STEPS_AROUND).filter(|step| *step > self.last_step);
        fresh.find(|step| code_of(*step).is(code))
    }
}

/// The step that a time falls into.
pub fn step(now: Time) -> i64 {
    now.seconds().div_euclid(STEP_SECONDS)
}

/// Six digits. They never show themselves.
#[derive(Clone, Debug)]
pub struct TotpCode(SecretString);

impl TotpCode {
    /// The code that an HMAC-SHA-1 of a step stands for (RFC 4226, 5.3).
    pub fn of_mac(mac: &[u8; 20]) -> Self {
        let offset = usize::from(mac[19] & 0x0f);
        let number = mac[offset..offset + 4].iter().fold(0u32, |number, byte| (number << 8) | u32::from(*byte));
        TotpCode(format!("{:06}", (number & 0x7fff_ffff) % 1_000_000).into())
    }

    /// Whether both are the same, in constant time.
    pub fn is(&self, other: &TotpCode) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(other.0.expose_secret().as_bytes()).into()
    }
}

impl FromStr for TotpCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.len() == 6 && text.bytes().all(|c| c.is_ascii_digit()) {
            true => Ok(TotpCode(text.into())),
            false => Err("must be 6 digits".into()),
        }
    }
}

impl JsonSchema for TotpCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TotpCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{6}$", "examples": ["123456"] })
    }
}

/// `xxxxx-xxxxx`: 50 bits. Read without regard to case, hyphens and spaces. It never shows itself.
#[derive(Clone, Debug)]
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// A code of ten random bytes, of which 50 bits count.
    pub fn new(random: [u8; 10]) -> Self {
        let symbols = random.iter().map(|byte| char::from(SYMBOLS[usize::from(byte & 31)]));
        RecoveryCode(symbols.collect::<String>().into())
    }

    /// As people write it down.
    pub fn text(&self) -> String {
        let (left, right) = self.0.expose_secret().split_at(5);
        format!("{left}-{right}")
    }

    /// What is MACed.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl FromStr for RecoveryCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let symbols: String = text.chars().filter(|c| !['-', ' '].contains(c)).flat_map(char::to_lowercase).collect();
        match text.len() <= 32 && symbols.len() == 10 && symbols.bytes().all(|c| SYMBOLS.contains(&c)) {
            true => Ok(RecoveryCode(symbols.into())),
            false => Err("must be a recovery code, as k3v9x-0q2mz".into()),
        }
    }
}

impl JsonSchema for RecoveryCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RecoveryCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 10, "maxLength": 32, "examples": ["k3v9x-0q2mz"] })
    }
}

/// What may stand in for an authenticator app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Its code.
    Totp,
    /// One of the codes that were written down.
    RecoveryCode,
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Factor::Totp => "totp",
            Factor::RecoveryCode => "recovery_code",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(step: i64) -> TotpCode {
        format!("{:06}", step % 1_000_000).parse().unwrap()
    }

    #[test]
    fn a_step_and_its_neighbours_are_taken_and_none_twice_nor_an_earlier_one() {
        let now = Time::from_millis(1_795_168_800_000);
        let present = step(now);
        let factor = SecondFactor::begin(Id::new(now, [1; 10]), String::new(), 1, now);
        for around in -3..=3 {
            let found = factor.step_of(&code_of(present + around), now, code_of);
            assert_eq!(found, (around.abs() <= 1).then_some(present + around), "{around}");
        }
        let used = SecondFactor { last_step: present, ..factor };
        for (around, expected) in [(-1, None), (0, None), (1, Some(present + 1))] {
            assert_eq!(used.step_of(&code_of(present + around), now, code_of), expected, "{around}");
        }
    }

    #[test]
    fn a_new_factor_waits_ten_minutes() {
        let now = Time::from_millis(1_795_168_800_000);
        let factor = SecondFactor::begin(Id::new(now, [1; 10]), String::new(), 1, now);
        assert!(factor.is_waiting(now.plus_seconds(599)) && !factor.is_active());
        assert!(!factor.is_waiting(now.plus_seconds(600)));
        let active = SecondFactor { confirmed_at: Some(now), ..factor };
        assert!(!active.is_waiting(now) && active.is_active());
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        let code = RecoveryCode::new([0, 31, 10, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(code.text(), "0za12-3456z");
        for text in ["0za12-3456z", "0ZA123456Z", " 0za12 3456z "] {
            assert_eq!(text.parse::<RecoveryCode>().unwrap().bytes(), code.bytes(), "{text}");
        }
        for text in ["", "0za12-3456", "0za12-3456zz", "0za12-3456u", "0za12_3456z", &"-".repeat(40)] {
            assert!(text.parse::<RecoveryCode>().is_err(), "{text}");
        }
        for text in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12 456"] {
            assert!(text.parse::<TotpCode>().is_err(), "{text}");
        }
        assert!(!format!("{code:?} {:?}", code_of(123_456)).contains("123456"), "they never show themselves");
    }
}
