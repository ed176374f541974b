//! Forged access tokens open nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entry::token::{Signer, Verifier};
use serde_json::{Value, json};

use crate::world::World;

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Tokens that look like `token`, each wrong in one way.
fn mutations(token: &str, jwks: &str) -> Vec<(String, String)> {
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

#[tokio::test]
async fn forged_tokens_open_nothing() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let jwks = world.api.get("/api/v1/auth/.well-known/jwks.json").send().await.expect(200);
    let forged = mutations(&person.access, &jwks.text);
    assert!(forged.len() >= 60, "{}", forged.len());
    for path in ["/api/v1/users/profile", "/api/v1/auth/session"] {
        for (what, token) in &forged {
            if axum::http::HeaderValue::from_str(token).is_err() {
                continue;
            }
            let answer = world.api.get(path).token(token).send().await;
            assert_eq!(answer.status, 401, "{what}: {}", answer.text);
            answer.expect_failure(401, "AUTHENTICATION_FAILED");
        }
        world
            .api
            .get(path)
            .header("authorization", "Basic YTpi")
            .send()
            .await
            .expect_failure(401, "AUTHENTICATION_FAILED");
        world
            .api
            .get(path)
            .header("authorization", &person.access)
            .send()
            .await
            .expect_failure(401, "AUTHENTICATION_FAILED");
        // No kind of token opens the door of another.
        world.api.get(path).token(&person.refresh).send().await.expect_failure(401, "AUTHENTICATION_FAILED");
    }
}

#[tokio::test]
async fn an_expired_token_is_told_apart() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    world.clock().set_offset_seconds(900);
    world.profile(&person.access).await.expect_failure(401, "TOKEN_EXPIRED");
    let fresh = world.refresh(&person.refresh).await.expect(200);
    world.profile(fresh.data()["accessToken"].as_str().unwrap()).await.expect(200);
}

#[tokio::test]
async fn tokens_of_another_issuer_or_from_the_future_are_refused() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let sandbox = &world.sandbox;
    let (user, session) =
        (person.user["id"].as_str().unwrap(), world.auth.app.verifier.verify(&person.access, sandbox.clock.now()));
    let session = session.unwrap().sid;
    let foreign = Verifier::new(world.auth.app.verifier.jwks(), "https://evil.example").unwrap();
    let signer = Signer::parse(&sandbox.token_keys, "https://evil.example", &foreign).unwrap();
    let now = sandbox.clock.now();
    let sign =
        |signer: &Signer, at| signer.sign(user.parse().unwrap(), session, Default::default(), vec![], at).unwrap();
    world.profile(&sign(&signer, now)).await.expect_failure(401, "AUTHENTICATION_FAILED");
    let ours = &world.auth.signer;
    world.profile(&sign(ours, now.plus_seconds(120))).await.expect_failure(401, "AUTHENTICATION_FAILED");
    world.profile(&sign(ours, now)).await.expect(200);
}

#[tokio::test]
async fn the_jwks_is_bare_and_may_be_kept() {
    let world = World::start().await;
    let answer = world.api.get("/api/v1/auth/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys = answer.json["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "the key that signs, and the next one");
    for key in keys {
        assert_eq!(
            (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str()),
            (Some("EC"), Some("P-256"), Some("ES256"))
        );
        assert!(key.get("d").is_none(), "no private part");
    }
}

#[tokio::test]
async fn a_signing_key_that_nobody_could_verify_stops_the_start() {
    let verifier = Verifier::new(&entry::keys::generate_token_keys().unwrap().jwks, "https://x").unwrap();
    let other = entry::keys::generate_token_keys().unwrap().private;
    assert!(Signer::parse(&other, "https://x", &verifier).is_err());
    assert!(Verifier::new("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "https://x").is_err());
}
