//! Bad input gets a clear answer in the envelope and changes nothing.

use axum::http::Method;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn bad_bodies_are_refused_in_the_envelope() {
    let world = World::start().await;
    let path = "/api/v1/auth/login";
    let post =
        |kind: &str, body: Vec<u8>| world.api.call(Method::POST, path).header("content-type", kind).body(body).send();
    let big = format!("{{\"email\":\"{}\"}}", "x".repeat(10 * 1024 * 1024)).into_bytes();
    for (kind, body, status, code) in [
        ("application/json", b"{".to_vec(), 400, "VALIDATION_ERROR"),
        ("application/json", b"".to_vec(), 400, "VALIDATION_ERROR"),
        ("application/json", b"[]".to_vec(), 400, "VALIDATION_ERROR"),
        ("application/json", b"{\"email\":\"\xff\"}".to_vec(), 400, "VALIDATION_ERROR"),
        ("application/json", b"{\"email\":5,\"password\":\"x\"}".to_vec(), 400, "VALIDATION_ERROR"),
        ("application/json", big, 413, "PAYLOAD_TOO_LARGE"),
        ("text/plain", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("", b"{}".to_vec(), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        post(kind, body).await.expect_failure(status, code);
    }
    assert!(world.everything().await.is_empty());
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_envelope() {
    let world = World::start().await;
    world.api.get("/api/v1/auth/nothing").send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    world.api.get("/api/v1/auth").send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    world.api.get("/api/v1/auth/login").send().await.expect_failure(405, "METHOD_NOT_ALLOWED");
    world.api.call(Method::DELETE, "/api/v1/users/profile").send().await.expect_failure(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_its_request_id() {
    let world = World::start().await;
    for answer in [
        world.api.get("/api/v1/users/profile").header("x-request-id", "my-request-1").send().await,
        world.api.get("/api/v1/users/nothing").header("x-request-id", "my-request-1").send().await,
    ] {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
            ("x-request-id", "my-request-1"),
            ("content-type", "application/json"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("strict-transport-security"), None, "stage local speaks http");
    }
    let ours = world.api.get("/api/v1/users/profile").header("x-request-id", "bad id!").send().await;
    assert_eq!(ours.header("x-request-id").unwrap().len(), 32);
}

#[tokio::test]
async fn cors_knows_exact_origins() {
    let world = World::start().await;
    let preflight = |origin: &str| {
        let call = world.api.call(Method::OPTIONS, "/api/v1/auth/login").header("origin", origin);
        call.header("access-control-request-method", "POST").send()
    };
    let known = preflight("http://localhost:3000").await.expect(204);
    assert_eq!(known.header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert_eq!(known.header("access-control-max-age"), Some("600"));
    assert_eq!(known.header("vary"), Some("Origin"));
    assert_eq!(known.header("access-control-allow-credentials"), None);
    for origin in ["http://localhost:3001", "https://localhost:3000", "http://localhost:3000.evil.example", "null"] {
        let unknown = preflight(origin).await.expect(204);
        assert_eq!(unknown.header("access-control-allow-origin"), None, "{origin}");
    }
    let body = json!({ "email": "a@example.com", "password": "wrong" });
    let call = world.api.post("/api/v1/auth/login", body).header("origin", "http://localhost:3000").send().await;
    assert_eq!(call.header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert!(call.header("access-control-expose-headers").unwrap().contains("X-Request-Id"));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_503_without_its_name() {
    let mut world = World::start().await;
    let person = world.person("ada@example.com").await;
    // The tap is gone; what was connected to it is refused.
    let sandbox = world.sandbox;
    drop(sandbox.cloud);
    world.api = world.api.clone();
    let answer = world.api.get("/api/v1/users/profile").token(&person.access).send().await;
    let answer = answer.expect_failure(503, "SERVICE_UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(!answer.text.contains("souk-local"));
}
