//! Access tokens: ES256 JWTs of 15 minutes (RFC 9068, reviewed against RFC 8725). Whoever has the public keys verifies
//! them; only `auth` makes them.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::Role;
use domain::{Id, Time, id};
use indexmap::IndexMap;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::keys::{BadKeys, random};

/// How long an access token lives, in seconds.
pub const LIFETIME_SECONDS: i64 = 900;
/// Who access tokens are for.
pub const AUDIENCE: &str = "souk";
const TYPE: &str = "at+jwt";
/// How far clocks may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 60;
/// No token of ours is longer.
const MAX_LENGTH: usize = 4096;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: the API's public address.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// The account.
    pub sub: Id<id::User>,
    /// The session.
    pub sid: Id<id::Session>,
    /// Roles at the time of issue.
    pub roles: BTreeSet<Role>,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Not before, when somebody else's implementation sets it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nbf: Option<i64>,
    /// Expires, seconds since 1970.
    pub exp: i64,
    /// This token.
    pub jti: String,
}

/// A token's header holds these three and nothing else: keys that travel with a token (`jwk`, `jku`, `x5u`) and
/// extensions (`crit`) are refused unread.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadToken {
    /// It is not a genuine token of ours.
    Invalid,
    /// It is genuine and too old.
    Expired,
}

/// The public keys of access tokens.
pub struct Verifier {
    keys: Vec<(String, DecodingKey)>,
    jwks: String,
    issuer: String,
    validation: Validation,
}

impl Verifier {
    /// Reads a JWK set of P-256 keys.
    pub fn new(jwks: &str, issuer: &str) -> Result<Self, BadKeys> {
        let set: JwkSet = serde_json::from_str(jwks).map_err(|_| BadKeys::new("not a JWK set"))?;
        let mut keys = Vec::new();
        for jwk in &set.keys {
            let is_p256 =
                matches!(&jwk.algorithm, AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256);
            let kid = jwk.common.key_id.clone().filter(|_| is_p256);
            let kid = kid.ok_or(BadKeys::new("each key must be on P-256 and have a kid"))?;
            let key = DecodingKey::from_jwk(jwk).map_err(|_| BadKeys::new("a key cannot be read"))?;
            keys.push((kid, key));
        }
        let mut validation = Validation::new(Algorithm::ES256);
        // Times are checked below, against our clock and as integers.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Ok(Verifier { keys, jwks: jwks.to_owned(), issuer: issuer.to_owned(), validation })
    }

    /// The JWK set as it was given.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// What a token says, if it is one of ours and its time is now.
    pub fn verify(&self, token: &str, now: Time) -> Result<Claims, BadToken> {
        let header = token.split('.').next().filter(|_| token.len() <= MAX_LENGTH).ok_or(BadToken::Invalid)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadToken::Invalid)?;
        let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| BadToken::Invalid)?;
        if header.alg != "ES256" || header.typ != TYPE {
            return Err(BadToken::Invalid);
        }
        let (_, key) = self.keys.iter().find(|(kid, _)| *kid == header.kid).ok_or(BadToken::Invalid)?;
        let decoded = jsonwebtoken::decode::<Claims>(token, key, &self.validation);
        let claims = decoded.map_err(|_| BadToken::Invalid)?.claims;
        let future = now.seconds() + LEEWAY_SECONDS;
        let is_ours = claims.iss == self.issuer && claims.aud == AUDIENCE;
        if !is_ours || claims.iat > future || claims.nbf.is_some_and(|nbf| nbf > future) {
            return Err(BadToken::Invalid);
        }
        match now.seconds() < claims.exp {
            true => Ok(claims),
            false => Err(BadToken::Expired),
        }
    }
}

/// The private key of access tokens.
#[derive(Clone)]
pub struct Signer {
    kid: String,
    key: EncodingKey,
    issuer: String,
}

impl Signer {
    /// Reads `{"kid": "<PKCS 8 PEM>"}`; the first key signs, and `verifier` must know it.
    pub fn parse(text: &str, issuer: &str, verifier: &Verifier) -> Result<Self, BadKeys> {
        let keys: IndexMap<String, String> =
            serde_json::from_str(text).map_err(|_| BadKeys::new("must be a JSON object of key id to PEM"))?;
        let (kid, pem) = keys.into_iter().next().ok_or(BadKeys::new("holds no key"))?;
        let key =
            EncodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| BadKeys::new("is not a P-256 key in PKCS 8 PEM"))?;
        let signer = Signer { kid, key, issuer: issuer.to_owned() };
        let now = Time::from_millis(0);
        let probe = signer.sign(Id::new(now, random()), Id::new(now, random()), BTreeSet::new(), vec![], now);
        match probe.is_some_and(|token| verifier.verify(&token, now).is_ok()) {
            true => Ok(signer),
            false => Err(BadKeys::new("does not belong to the public keys in JWT_JWKS")),
        }
    }

    /// A token for 15 minutes from now; `None` if the key cannot sign, which `parse` has tried.
    pub fn sign(
        &self,
        user: Id<id::User>,
        session: Id<id::Session>,
        roles: BTreeSet<Role>,
        amr: Vec<String>,
        now: Time,
    ) -> Option<String> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            roles,
            amr,
            iat: now.seconds(),
            nbf: None,
            exp: now.seconds() + LIFETIME_SECONDS,
            jti: URL_SAFE_NO_PAD.encode(random::<12>()),
        };
        jsonwebtoken::encode(&header, &claims, &self.key).ok()
    }
}
