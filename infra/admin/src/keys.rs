//! Keys for the secret parameters. Nothing here talks to AWS: what is printed goes straight into `aws ssm put-parameter`.

use entry::Keyring;
use entry::keys::{generate_keyring, generate_token_keys};
use entry::token::Verifier;
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::AdminError;

/// Fresh keys of access tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKeys {
    /// The secret parameter.
    pub private: String,
    /// Parameter `JwtJwks`: public halves, those of the previous keys included.
    pub jwks: String,
}

/// How a keyring is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// A fresh key makes new things at once. While instances with the old ring still run, they cannot read those.
    FreshFirst,
    /// A fresh key stands by: it reads, and makes nothing yet.
    StandBy,
    /// The key that stands by makes new things from now on.
    Promote,
}

/// A ring holds the current key and the previous one.
const RING_MAX: usize = 2;
/// Of the previous public keys the one that signed, and the one that may have been promoted.
const PREVIOUS_MAX: usize = 2;

/// A fresh keyring.
pub fn keyring() -> String {
    generate_keyring()
}

/// The ring, rotated: two keys at most, of which the first makes new things and both read.
///
/// # Errors
/// When `present` is no keyring, or nothing stands by.
pub fn rotate_keyring(present: &str, rotation: Rotation) -> Result<String, AdminError> {
    Keyring::parse(present)?;
    let present: IndexMap<String, String> = serde_json::from_str(present)?;
    let fresh: IndexMap<String, String> = match rotation {
        Rotation::Promote => IndexMap::new(),
        _ => serde_json::from_str(&generate_keyring())?,
    };
    let mut present = present.into_iter();
    let ring: IndexMap<String, String> = match rotation {
        Rotation::FreshFirst => fresh.into_iter().chain(present).take(RING_MAX).collect(),
        Rotation::StandBy => present.by_ref().take(1).chain(fresh).collect(),
        Rotation::Promote => {
            let (Some(current), Some(next)) = (present.next(), present.next()) else {
                return Err(AdminError::Refused("the keyring holds one key: none stands by".to_owned()));
            };
            [next, current].into_iter().collect()
        }
    };
    let text = serde_json::to_string(&ring)?;
    Keyring::parse(&text)?;
    Ok(text)
}

/// Fresh keys of access tokens: the one that signs and the next. With the JWK set of before, tokens that its keys signed
/// stay good.
///
/// # Errors
/// When `previous` is no JWK set of P-256 keys, or the system's random source fails.
pub fn token_keys(previous: Option<&str>) -> Result<TokenKeys, AdminError> {
    let fresh = generate_token_keys()?;
    let mut jwks: Value = serde_json::from_str(&fresh.jwks)?;
    if let Some(previous) = previous {
        Verifier::new(previous, "")?;
        let previous: Value = serde_json::from_str(previous)?;
        let mut keys = jwks["keys"].as_array().cloned().unwrap_or_default();
        keys.extend(previous["keys"].as_array().into_iter().flatten().take(PREVIOUS_MAX).cloned());
        jwks = json!({ "keys": keys });
    }
    Ok(TokenKeys { private: fresh.private, jwks: jwks.to_string() })
}

/// The JWK set without the keys that no token needs any more: the first two, current and next.
///
/// # Errors
/// When it is no JWK set of P-256 keys.
pub fn retire(jwks: &str) -> Result<String, AdminError> {
    Verifier::new(jwks, "")?;
    let jwks: Value = serde_json::from_str(jwks)?;
    let kept: Vec<&Value> = jwks["keys"].as_array().into_iter().flatten().take(PREVIOUS_MAX).collect();
    Ok(json!({ "keys": kept }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kids(ring: &str) -> Vec<String> {
        serde_json::from_str::<IndexMap<String, String>>(ring).unwrap().into_keys().collect()
    }

    #[test]
    fn a_rotation_has_a_new_first_key_and_never_more_than_two() {
        let first = keyring();
        let second = rotate_keyring(&first, Rotation::FreshFirst).unwrap();
        assert_eq!((kids(&second).len(), &kids(&second)[1]), (2, &kids(&first)[0]));
        let third = rotate_keyring(&second, Rotation::FreshFirst).unwrap();
        assert_eq!((kids(&third).len(), &kids(&third)[1]), (2, &kids(&second)[0]));
    }

    #[test]
    fn a_key_stands_by_before_it_is_promoted() {
        let first = keyring();
        assert!(rotate_keyring(&first, Rotation::Promote).is_err());
        let ready = rotate_keyring(&first, Rotation::StandBy).unwrap();
        assert_eq!(kids(&ready)[0], kids(&first)[0]);
        let done = rotate_keyring(&ready, Rotation::Promote).unwrap();
        assert_eq!(kids(&done), [kids(&ready)[1].clone(), kids(&ready)[0].clone()]);
    }

    #[test]
    fn what_is_no_keyring_or_jwk_set_is_refused() {
        for wrong in ["", "{}", "[]", r#"{"k":"short"}"#] {
            assert!(rotate_keyring(wrong, Rotation::FreshFirst).is_err(), "{wrong}");
            assert!(token_keys(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn previous_public_keys_stay_until_they_are_retired() {
        let old = token_keys(None).unwrap();
        let new = token_keys(Some(&old.jwks)).unwrap();
        let count = |jwks: &str| serde_json::from_str::<Value>(jwks).unwrap()["keys"].as_array().unwrap().len();
        assert_eq!((count(&old.jwks), count(&new.jwks)), (2, 4));
        assert_eq!(count(&token_keys(Some(&new.jwks)).unwrap().jwks), 4);
        assert_eq!(count(&retire(&new.jwks).unwrap()), 2);
        assert!(!new.jwks.contains("\"d\""), "no private part");
    }
}
