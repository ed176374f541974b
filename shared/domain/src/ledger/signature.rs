//! Signatures of gateways, over exactly the bytes that came. Every one is compared in constant time against each of the
//! secrets in force, of which there are two while one is replaced.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{Invalid, Time};

/// A signature with a time is good for so many seconds, before and after it.
pub const TOLERANCE_SECONDS: i64 = 300;

const SHORTEST_SECRET: usize = 16;
const DIGEST: usize = 32;

/// A secret that a gateway shares with us. It has no `Debug`.
#[derive(Clone)]
pub struct GatewaySecret(String);

/// The bytes were not signed by who should have, or not lately. Why exactly is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not signed as it must be")]
pub struct Unsigned;

impl GatewaySecret {
    /// A secret of at least 16 characters without white space: anything else is a slip of the hand.
    ///
    /// # Errors
    /// What is wrong with it; the text is not repeated.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() < SHORTEST_SECRET || text.chars().any(char::is_whitespace) {
            return Err("a secret must have at least 16 characters and no white space".into());
        }
        Ok(GatewaySecret(text.to_owned()))
    }
}

impl AsRef<[u8]> for GatewaySecret {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Header `Stripe-Signature`, and the sandbox's: `t=<seconds>,v1=<hex>[,v1=<hex>]`, HMAC-SHA256 of `t.body`. Parts of other
/// schemes are ignored; any `v1` may match. <https://docs.stripe.com/webhooks#verify-manually>
///
/// # Errors
/// When no part is a signature of these bytes under one of `secrets`, or its time is not `now`.
pub fn verify_timed(header: &str, body: &[u8], secrets: &[impl AsRef<[u8]>], now: Time) -> Result<(), Unsigned> {
    let part = |name: &'static str| {
        let parts = header.split(',').filter_map(|part| part.split_once('='));
        parts.filter(move |(key, _)| *key == name).map(|(_, value)| value)
    };
    let mut times = part("t");
    let (Some(time), None) = (times.next(), times.next()) else { return Err(Unsigned) };
    let is_number = (1..=12).contains(&time.len()) && time.bytes().all(|digit| digit.is_ascii_digit());
    let seconds: i64 = time.parse().ok().filter(|_| is_number).ok_or(Unsigned)?;
    if (now.seconds() - seconds).abs() > TOLERANCE_SECONDS {
        return Err(Unsigned);
    }
    let given: Vec<[u8; DIGEST]> = part("v1").filter_map(unhex).collect();
    any_signs(secrets, &[time.as_bytes(), b".", body], &given)
}

/// Header `X-Razorpay-Signature`: the HMAC-SHA256 of the body in hex. It has no time.
/// <https://razorpay.com/docs/webhooks/validate-test/>
///
/// # Errors
/// When it is no signature of these bytes under one of `secrets`.
pub fn verify_body(header: &str, body: &[u8], secrets: &[impl AsRef<[u8]>]) -> Result<(), Unsigned> {
    any_signs(secrets, &[body], &[unhex(header).ok_or(Unsigned)?])
}

/// What Razorpay's form hands to a payer's browser: the HMAC-SHA256 of `order|payment` in hex, under the secret of our key.
/// <https://razorpay.com/docs/payments/server-integration/>
///
/// # Errors
/// When it is no signature of this pair.
pub fn verify_confirmation(
    order: &str,
    payment: &str,
    signature: &str,
    key: &impl AsRef<[u8]>,
) -> Result<(), Unsigned> {
    // With a bar inside, another pair would have the same signature.
    if order.contains('|') || payment.contains('|') {
        return Err(Unsigned);
    }
    let given = [unhex(signature).ok_or(Unsigned)?];
    any_signs(std::slice::from_ref(key), &[order.as_bytes(), b"|", payment.as_bytes()], &given)
}

/// Header of [`verify_timed`], as the sandbox makes it.
pub fn sign_timed(body: &[u8], secret: &impl AsRef<[u8]>, now: Time) -> String {
    let time = now.seconds().to_string();
    format!("t={time},v1={}", hex(&mac(secret.as_ref(), &[time.as_bytes(), b".", body])))
}

/// Looks at every pair, also after one that matches.
fn any_signs(secrets: &[impl AsRef<[u8]>], parts: &[&[u8]], given: &[[u8; DIGEST]]) -> Result<(), Unsigned> {
    let mut found = subtle::Choice::from(0);
    for secret in secrets {
        let expected = mac(secret.as_ref(), parts);
        for signature in given {
            found |= expected.ct_eq(signature);
        }
    }
    bool::from(found).then_some(()).ok_or(Unsigned)
}

fn mac(secret: &[u8], parts: &[&[u8]]) -> [u8; DIGEST] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return [0; DIGEST]; // HMAC takes keys of any length.
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// 64 lower-case digits as bytes; upper case is no spelling of any gateway's.
fn unhex(text: &str) -> Option<[u8; DIGEST]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; DIGEST];
    if text.len() != 2 * DIGEST {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [&str; 2] = ["newest-secret-of-two", "previous-secret-of-two"];

    fn now() -> Time {
        Time::from_millis(1_795_168_800_000)
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let body = b"{ \"amount\" : 12,\t\"note\":\"\\u00e9\" }\n";
        let header = sign_timed(body, &SECRETS[1], now());
        assert_eq!(verify_timed(&header, body, &SECRETS, now()), Ok(()), "the previous secret still verifies");
        assert_eq!(verify_timed(&header, body, &SECRETS[..1], now()), Err(Unsigned));
        for n in 0..body.len() {
            let mut altered = body.to_vec();
            altered[n] ^= 1;
            assert_eq!(verify_timed(&header, &altered, &SECRETS, now()), Err(Unsigned));
        }
        for n in 0..header.len() {
            let mut altered = header.clone().into_bytes();
            altered[n] = if altered[n] == b'0' { b'1' } else { b'0' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(verify_timed(&altered, body, &SECRETS, now()), Err(Unsigned), "{altered}");
        }
    }

    #[test]
    fn a_signature_is_good_for_five_minutes_both_ways() {
        let at = |seconds: i64| {
            verify_timed(&sign_timed(b"x", &SECRETS[0], now()), b"x", &SECRETS, now().plus_seconds(seconds))
        };
        assert_eq!([at(-300), at(0), at(300)], [Ok(()); 3]);
        assert_eq!([at(-301), at(301)], [Err(Unsigned); 2]);
    }

    #[test]
    fn headers_that_are_none_are_refused() {
        let (_, v1) = sign_timed(b"x", &SECRETS[0], now())
            .split_once(",v1=")
            .map(|(t, v1)| (t.to_owned(), v1.to_owned()))
            .unwrap();
        let t = now().seconds();
        assert_eq!(verify_timed(&format!("v0=x,t={t},v1=potato,v1={v1},v2={v1}"), b"x", &SECRETS, now()), Ok(()));
        for header in [
            String::new(),
            format!("v1={v1}"),
            format!("t={t}"),
            format!("t={t},v0={v1}"),
            format!("t={t},t={t},v1={v1}"),
            format!("t=+{t},v1={v1}"),
            format!("t= {t},v1={v1}"),
            format!("t={t}.0,v1={v1}"),
            format!("t=99999999999999999999,v1={v1}"),
            format!("t={t},v1={}", v1.to_uppercase()),
            format!("t={t};v1={v1}"),
        ] {
            assert_eq!(verify_timed(&header, b"x", &SECRETS, now()), Err(Unsigned), "{header}");
        }
        assert_eq!(verify_timed(&format!("t={t},v1={v1}"), b"x", &[] as &[&str], now()), Err(Unsigned));
    }

    #[test]
    fn one_pair_is_not_another_pair() {
        let signature = hex(&mac(SECRETS[0].as_bytes(), &[b"order|pay|ment"]));
        assert_eq!(verify_confirmation("order", "pay|ment", &signature, &SECRETS[0]), Err(Unsigned));
        assert_eq!(verify_confirmation("order|pay", "ment", &signature, &SECRETS[0]), Err(Unsigned));
    }

    #[test]
    fn a_secret_that_is_short_or_has_spaces_is_a_slip_of_the_hand() {
        assert!(GatewaySecret::parse("whsec_0123456789").is_ok());
        for wrong in
            ["", "whsec_012345678", "whsec_0123456789 ", " whsec_0123456789", "whsec_01234\n56789", "whsec 0123456789"]
        {
            assert!(GatewaySecret::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
