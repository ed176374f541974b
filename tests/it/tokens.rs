//! Forged access tokens open nothing.

mod forged;

use std::collections::BTreeMap;

use entry::one_time;
use entry::token::{Signer, Verifier};
use serde_json::Value;
use tokio::net::TcpListener;

use self::forged::{decoded, mutations, sign_es256, signed};
use crate::world::World;

/// One endpoint of each function that asks who is calling.
fn guarded_endpoints() -> Vec<String> {
    let document = crate::openapi::document();
    let mut by_function = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        if let Some(operation) = methods.get("get").filter(|operation| operation.get("security").is_some()) {
            by_function.entry(operation["tags"][0].to_string()).or_insert_with(|| path.clone());
        }
    }
    by_function.into_values().collect()
}

#[tokio::test]
async fn forged_tokens_open_nothing() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let jwks = world.api.get("/api/v1/auth/.well-known/jwks.json").send().await.expect(200);
    let lure = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let lure_url = format!("http://{}", lure.local_addr().unwrap());
    let mut forged = mutations(&person.access, &jwks.text);
    forged.extend(signed(&person.access, &world.sandbox.token_keys, &jwks.text, &lure_url));
    // No kind of token opens the door of another.
    forged.push(("refresh token".to_owned(), person.refresh.clone()));
    forged.push((
        "one-time token".to_owned(),
        one_time::token(&world.sandbox.keyring, world.sandbox.keyring.current(), "x").unwrap(),
    ));
    assert!(forged.len() >= 100, "{}", forged.len());
    let endpoints = guarded_endpoints();
    assert!(endpoints.len() >= 3, "{endpoints:?}");
    for path in &endpoints {
        for (what, token) in &forged {
            if axum::http::HeaderValue::from_str(token).is_err() {
                continue;
            }
            let answer = world.api.get(path).token(token).send().await;
            assert_eq!(answer.status, 401, "{path}, {what}: {}", answer.text);
            assert!(answer.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
        }
        for authorization in ["Basic YTpi", &person.access, "Bearer", "bearer ", "Bearer a b"] {
            let answer = world.api.get(path).header("authorization", authorization).send().await;
            answer.expect_failure(401, "AUTHENTICATION_FAILED");
        }
    }
    let called = tokio::time::timeout(std::time::Duration::from_millis(50), lure.accept()).await;
    assert!(called.is_err(), "a token made somebody call out");
    // The same means sign what is good: what is refused above is refused for what is wrong with it.
    let parts: Vec<&str> = person.access.split('.').collect();
    let header = decoded(parts[0]);
    let keys: Value = serde_json::from_str(&world.sandbox.token_keys).unwrap();
    let pem = keys[header["kid"].as_str().unwrap()].as_str().unwrap();
    world.profile(&sign_es256(&header, &decoded(parts[1]), pem)).await.expect(200);
}

#[tokio::test]
async fn the_tokens_of_the_rfcs_open_nothing() {
    let world = World::start().await;
    let vectors: Value = serde_json::from_str(include_str!("../vectors/rfc/rfc_vectors.json")).unwrap();
    // By HMAC with a key that everybody knows, and with no signature at all.
    for token in [&vectors["rfc7515_A1"]["jws"], &vectors["rfc7519_6_1_unsecured"]["jwt"]] {
        for path in guarded_endpoints() {
            let answer = world.api.get(&path).token(token.as_str().unwrap()).send().await;
            answer.expect_failure(401, "AUTHENTICATION_FAILED");
        }
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
