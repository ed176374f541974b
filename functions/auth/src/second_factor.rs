//! Looking at codes: whether one is taken, and what the factor is after that.

use domain::identity::SecondFactor;
use domain::identity::mfa::{Factor, RECOVERY_CODES, RecoveryCode, TotpCode};
use domain::{Code, Failure, Id, Time, id};
use entry::keys::random;
use entry::{Checked, Keyring, Problem, totp};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const SECRET_LABEL: &str = "totp";
const RECOVERY_LABEL: &str = "recovery";

/// What somebody shows.
pub enum Given {
    /// A code of the app.
    Totp(TotpCode),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl Given {
    /// One of both fields of a body.
    pub fn read(code: Option<Checked<TotpCode>>, recovery: Option<Checked<RecoveryCode>>) -> Result<Self, Failure> {
        match (code, recovery) {
            (Some(code), None) => code.get().map(Given::Totp),
            (None, Some(recovery)) => recovery.get().map(Given::Recovery),
            _ => Err(Failure::field("code", "send either code or recoveryCode")),
        }
    }

    /// Which kind it is.
    pub fn factor(&self) -> Factor {
        match self {
            Given::Totp(_) => Factor::Totp,
            Given::Recovery(_) => Factor::RecoveryCode,
        }
    }
}

/// The factor after `given` was taken; `None` when it is not.
pub fn taken(keyring: &Keyring, factor: &SecondFactor, given: &Given, now: Time) -> Option<SecondFactor> {
    let version = factor.version + 1;
    match given {
        Given::Totp(code) => {
            let secret = keyring.open(SECRET_LABEL, &factor.user.to_string(), &factor.secret)?;
            let last_step = factor.step_of(code, now, |step| totp::code(&secret, step))?;
            Some(SecondFactor { last_step, version, ..factor.clone() })
        }
        Given::Recovery(code) => {
            let used = factor.recovery.iter().position(|kept| is_kept_as(keyring, factor.user, code, kept))?;
            let mut left = factor.clone();
            left.recovery.remove(used);
            Some(SecondFactor { version, ..left })
        }
    }
}

/// A fresh secret: as apps take it, and sealed.
pub fn fresh_secret(keyring: &Keyring, user: Id<id::User>) -> Result<(String, String), Problem> {
    let secret: [u8; totp::SECRET_BYTES] = random();
    let sealed = keyring.seal(SECRET_LABEL, &user.to_string(), &secret).map_err(Problem::internal)?;
    Ok((totp::base32(&secret), sealed))
}

/// Ten fresh recovery codes: as people write them down, and as they are kept.
pub fn fresh_codes(keyring: &Keyring, user: Id<id::User>) -> Result<(Vec<String>, Vec<String>), Problem> {
    let (kid, key) = keyring.current_for(RECOVERY_LABEL).ok_or_else(|| Problem::internal("the keyring is empty"))?;
    let codes: Vec<RecoveryCode> = (0..RECOVERY_CODES).map(|_| RecoveryCode::new(random())).collect();
    let kept = |code: &RecoveryCode| format!("{kid}.{}", URL_SAFE_NO_PAD.encode(key.mac(&bound(user, code))));
    Ok((codes.iter().map(RecoveryCode::text).collect(), codes.iter().map(kept).collect()))
}

/// Fifty bits could be guessed from a bare hash; without the keyring, the MAC tells nothing.
fn is_kept_as(keyring: &Keyring, user: Id<id::User>, code: &RecoveryCode, kept: &str) -> bool {
    let found = kept
        .split_once('.')
        .and_then(|(kid, mac)| Some((keyring.derive(kid, RECOVERY_LABEL)?, URL_SAFE_NO_PAD.decode(mac).ok()?)));
    found.is_some_and(|(key, mac)| key.verifies(&bound(user, code), &mac))
}

fn bound(user: Id<id::User>, code: &RecoveryCode) -> Vec<u8> {
    [user.as_bytes().as_slice(), code.bytes()].concat()
}

/// The answer to a code that an act asks for and that is not taken.
pub fn code_invalid() -> Failure {
    Failure::new(Code::MfaCodeInvalid, "The code is wrong, too old, or was used before")
}
