//! What a stranger does first: register, read the mail, verify, log in, look at the profile.

use std::time::{Duration, Instant};

use serde_json::json;

use super::local::Local;
use super::visitor::Reply;
use super::waiting::until;
use crate::world::PASSWORD;

/// Promised are two seconds, with room for a machine that is busy with other tests.
const MAIL_LIMIT: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_registers_verifies_by_mail_logs_in_and_reads_a_profile() {
    let local = Local::start().await;
    let visitor = &local.visitor;
    let email = "ada@example.com";

    let registered = visitor.register(email).await.expect(201);
    assert_eq!(registered.json["data"], json!({ "email": email, "verificationRequired": true, "expiresIn": 86400 }));
    let committed = Instant::now();
    let token = visitor.mailed_token(email).await;
    let took = committed.elapsed();
    println!("from the commit to the mailbox: {took:?}");
    assert!(took < MAIL_LIMIT, "{took:?}");
    visitor.login(email, PASSWORD).await.expect_failure(403, "EMAIL_NOT_VERIFIED");

    let shown = visitor.get(&format!("/api/v1/auth/verify-email?token={token}")).await.expect(200);
    assert_eq!(shown.json["data"]["needsPassword"], true);
    visitor.verify(&token).await.expect(200);
    let verified = Instant::now();
    let session = visitor.sign_in(email, PASSWORD).await;
    let notices = visitor.request(reqwest::Method::GET, "/api/v1/notifications").bearer_auth(&session.access);
    let title = until("a notice", MAIL_LIMIT, async || {
        let listed = Reply::of(notices.try_clone().unwrap()).await.expect(200);
        listed.json["data"]["notifications"][0]["title"].as_str().map(str::to_owned)
    });
    assert_eq!(title.await, "Welcome to Souk");
    println!("from the commit to the notice: {:?}", verified.elapsed());
    let profile = visitor.profile(&session.access).await.expect(200);
    assert_eq!(
        (&profile.json["data"]["email"], &profile.json["data"]["name"]),
        (&json!(email), &json!("Ada Lovelace"))
    );

    let body = json!({ "refreshToken": session.refresh });
    let refreshed = visitor.post("/api/v1/auth/refresh", body).await.expect(200);
    let access = refreshed.json["data"]["accessToken"].as_str().unwrap();
    visitor.profile(access).await.expect(200);
    Reply::of(visitor.request(reqwest::Method::POST, "/api/v1/auth/logout").bearer_auth(access).json(&json!({})))
        .await
        .expect(200);
    let ended = refreshed.json["data"]["refreshToken"].as_str().unwrap();
    visitor.post("/api/v1/auth/refresh", json!({ "refreshToken": ended })).await.expect(401);
    let once_more = Reply::of(visitor.request(reqwest::Method::GET, "/api/v1/auth/session").bearer_auth(access)).await;
    once_more.expect_failure(401, "AUTHENTICATION_FAILED");
    local.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_the_page_and_the_health_are_served() {
    let local = Local::start().await;
    let visitor = &local.visitor;
    let health = visitor.get("/health").await.expect(200);
    assert_eq!((&health.json["data"]["status"], &health.json["data"]["stage"]), (&json!("ok"), &json!("local")));
    let document = visitor.get("/api/openapi.json").await.expect(200);
    assert!(document.json["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document.text);
    assert!(document.json["paths"].get("/api/v1/auth/login").is_some());
    let page = visitor.get("/api/docs").await.expect(200);
    assert!(page.text.trim_start().to_ascii_lowercase().starts_with("<!doctype html"), "{}", page.text);
    visitor.get("/no/such/path").await.expect_failure(404, "RESOURCE_NOT_FOUND");
    local.end().await;
}
