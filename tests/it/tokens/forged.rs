//! Tokens that look good and are not.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

pub fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Tokens that look like `token`, each wrong in one way.
pub fn mutations(token: &str, jwks: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (decoded(parts[0]), decoded(parts[1]), parts[2]);
    let mut forged: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, token: String| forged.push((what.to_owned(), token));
    for text in ["", ".", "..", "...", "a.b.c", "null", "Bearer", "\u{fffd}"] {
        add("nonsense", text.to_owned());
    }
    add("no signature", format!("{}.{}.", parts[0], parts[1]));
    add("two parts", format!("{}.{}", parts[0], parts[1]));
    add("four parts", format!("{token}.{signature}"));
    add("padding", format!("{token}="));
    add("too long", format!("{}.{}", "A".repeat(5000), token));
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "RS256", "PS256", "ES384", "EdDSA", "es256"] {
        let mut header = header.clone();
        header["alg"] = json!(alg);
        add(&format!("alg {alg}"), format!("{}.{}.{signature}", encoded(&header), parts[1]));
        add(&format!("alg {alg} unsigned"), format!("{}.{}.", encoded(&header), parts[1]));
    }
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("refresh+jwt")),
        ("typ", json!(null)),
        ("kid", json!("unknown")),
        ("kid", json!("../../etc/passwd")),
        ("kid", json!("' OR 1=1 --")),
        ("kid", json!(1)),
        ("jku", json!("http://127.0.0.1:1/keys")),
        ("x5u", json!("http://127.0.0.1:1/cert")),
        ("jwk", serde_json::from_str::<Value>(jwks).unwrap()["keys"][0].clone()),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("cty", json!("JWT")),
    ] {
        let mut header = header.clone();
        header[name] = value;
        add(&format!("header {name}"), format!("{}.{}.{signature}", encoded(&header), parts[1]));
    }
    for (name, value) in [
        ("sub", json!("usr_01h455vb4pex5vsknk084sn02q")),
        ("roles", json!(["user", "administrator"])),
        ("exp", json!(99999999999i64)),
        ("iss", json!("https://evil.example")),
        ("aud", json!("other")),
        ("sid", json!("ses_01h455vb4pex5vsknk084sn02q")),
    ] {
        let mut claims = claims.clone();
        claims[name] = value;
        add(&format!("claim {name}"), format!("{}.{}.{signature}", parts[0], encoded(&claims)));
    }
    for i in (0..signature.len() - 1).step_by(9) {
        let mut bytes = signature.as_bytes().to_vec();
        bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
        add("signature", format!("{}.{}.{}", parts[0], parts[1], String::from_utf8(bytes).unwrap()));
    }
    add("zero signature", format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([0; 64])));
    forged
}

/// Tokens that are properly signed, with something that must not count: by our key with wrong claims, by HMAC with what is
/// public, by somebody else's key that the token itself brings or names.
pub fn signed(token: &str, token_keys: &str, jwks: &str, lure: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims) = (decoded(parts[0]), decoded(parts[1]));
    let keys: Value = serde_json::from_str(token_keys).unwrap();
    let pem = keys[header["kid"].as_str().unwrap()].as_str().unwrap();
    let now = claims["iat"].as_i64().unwrap();
    let mut forged = Vec::new();
    for (what, name, value) in [
        ("exp missing", "exp", Value::Null),
        ("exp as text", "exp", json!("99999999999")),
        ("exp with a fraction", "exp", json!(1e11 + 0.5)),
        ("exp negative", "exp", json!(-1)),
        ("exp beyond time", "exp", json!(u64::MAX)),
        ("iat missing", "iat", Value::Null),
        ("iat ahead", "iat", json!(now + 300)),
        ("nbf ahead", "nbf", json!(now + 300)),
        ("iss missing", "iss", Value::Null),
        ("iss foreign", "iss", json!("https://evil.example")),
        ("iss list", "iss", json!([claims["iss"]])),
        ("aud missing", "aud", Value::Null),
        ("aud foreign", "aud", json!("other")),
        ("aud list of others", "aud", json!(["other", "another"])),
        ("sub missing", "sub", Value::Null),
        ("sub of another kind", "sub", json!("ses_01h455vb4pex5vsknk084sn02q")),
        ("sub a path", "sub", json!("../usr_01h455vb4pex5vsknk084sn02q")),
        ("sid missing", "sid", Value::Null),
        ("sid foreign", "sid", json!("ses_01h455vb4pex5vsknk084sn02q")),
    ] {
        let mut claims = claims.clone();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        forged.push((what.to_owned(), sign_es256(&header, &claims, pem)));
    }
    for typ in [json!("JWT"), json!("id+jwt"), json!(null), json!(5)] {
        let mut header = header.clone();
        header["typ"] = typ;
        forged.push((format!("typ {}", header["typ"]), sign_es256(&header, &claims, pem)));
    }
    let jwk = &serde_json::from_str::<Value>(jwks).unwrap()["keys"][0];
    let (x, y) = (jwk["x"].as_str().unwrap(), jwk["y"].as_str().unwrap());
    let point = [URL_SAFE_NO_PAD.decode(x).unwrap(), URL_SAFE_NO_PAD.decode(y).unwrap()].concat();
    for (what, secret) in [
        ("JWK", jwk.to_string().into_bytes()),
        ("JWK set", jwks.as_bytes().to_vec()),
        ("point", point.clone()),
        ("SEC 1 point", [vec![4], point].concat()),
        ("x", x.as_bytes().to_vec()),
        ("nothing", Vec::new()),
    ] {
        let mut header = header.clone();
        header["alg"] = json!("HS256");
        let body = format!("{}.{}", encoded(&header), encoded(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), body.as_bytes());
        forged.push((format!("HMAC with {what}"), format!("{body}.{}", URL_SAFE_NO_PAD.encode(tag))));
    }
    let foreign = entry::keys::generate_token_keys().unwrap();
    let foreign_keys: Value = serde_json::from_str(&foreign.private).unwrap();
    let (foreign_kid, foreign_pem) = foreign_keys.as_object().unwrap().iter().next().unwrap();
    let foreign_jwks: Value = serde_json::from_str(&foreign.jwks).unwrap();
    for (what, name, value) in [
        ("our kid", "kid", header["kid"].clone()),
        ("its own kid", "kid", json!(foreign_kid)),
        ("its own jwk", "jwk", foreign_jwks["keys"][0].clone()),
        ("jku", "jku", json!(format!("{lure}/jwks.json"))),
        ("x5u", "x5u", json!(format!("{lure}/cert.pem"))),
        ("kid as URL", "kid", json!(format!("{lure}/jwks.json"))),
    ] {
        let mut header = header.clone();
        header[name] = value;
        forged.push((format!("foreign key, {what}"), sign_es256(&header, &claims, foreign_pem.as_str().unwrap())));
    }
    forged
}

/// A JWT with any header and claims, signed by a private key in PEM.
pub fn sign_es256(header: &Value, claims: &Value, pem: &str) -> String {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(base64).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap();
    let body = format!("{}.{}", encoded(header), encoded(claims));
    let signature = key.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
    format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature))
}
