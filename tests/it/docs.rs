//! What `docs` promises: where to begin, the document, the page and its policy, and health.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use docs::Docs;
use entry::{Aws, Environment, Start, serve};
use serde_json::Value;
use testkit::{Answer, Api, Sandbox};

const HEALTH_PATHS: [&str; 3] = ["/health", "/api/health", "/api/v1/health"];

/// `docs` over a cloud, on the cloud's clock.
async fn started(sandbox: &Sandbox, environment: &Environment, aws: &Aws) -> Api {
    let mut docs = Docs::start(environment, aws).await.unwrap();
    docs.app.clock = sandbox.clock.clone();
    Api::new(vec![("", serve(docs::routes(), docs))])
}

async fn well() -> (Sandbox, Api) {
    let sandbox = Sandbox::start().await;
    let api = started(&sandbox, &sandbox.environment("docs"), &sandbox.aws).await;
    (sandbox, api)
}

/// The same settings, led to another address.
fn aws_at(sandbox: &Sandbox, endpoint: &str) -> Aws {
    Aws::of(sandbox.aws.config().clone().into_builder().endpoint_url(endpoint).build())
}

#[tokio::test]
async fn the_root_says_where_to_begin() {
    let (_sandbox, api) = well().await;
    let answer = api.get("/").send().await.expect(200);
    let data = answer.data();
    assert_eq!(data["name"], "Souk");
    assert_eq!(data["version"], env!("CARGO_PKG_VERSION"));
    for name in ["docs", "openapi", "health"] {
        api.get(data[name].as_str().unwrap()).send().await.expect(200);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_envelope() {
    let (_sandbox, api) = well().await;
    for path in ["/nowhere", "/api/v1/nowhere/x", "/api/docs/x", "/api/v1/authx"] {
        api.get(path).send().await.expect_failure(404, "RESOURCE_NOT_FOUND");
    }
    api.call(Method::POST, "/health").send().await.expect_failure(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn the_document_is_bare_and_cached_by_its_tag() {
    let (_sandbox, api) = well().await;
    let answer = api.get("/api/openapi.json").send().await.expect(200);
    assert_eq!(answer.json["openapi"], "3.1.0");
    assert!(answer.json["paths"].is_object() && answer.json.get("success").is_none());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    is_cached_by_its_tag(&api, "/api/openapi.json", &answer).await;
}

async fn is_cached_by_its_tag(api: &Api, path: &str, whole: &Answer) {
    let tag = whole.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "strong: {tag}");
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = api.get(path).header("if-none-match", &known).send().await.expect(304);
        assert_eq!((answer.text.as_str(), answer.header("etag")), ("", Some(tag)), "{known}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    }
    for other in ["\"other\"", "", "nonsense"] {
        api.get(path).header("if-none-match", other).send().await.expect(200);
    }
}

#[tokio::test]
async fn the_page_is_whole_and_may_run_nothing_but_itself() {
    let (_sandbox, api) = well().await;
    let answer = api.get("/api/docs").send().await.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    is_cached_by_its_tag(&api, "/api/docs", &answer).await;

    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for rule in ["connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"] {
        assert!(policy.contains(rule), "{rule} in {policy}");
    }
    for (directive, open, close) in
        [("style-src", "<style>", "</style>"), ("script-src", "<script type=\"module\">", "</script>")]
    {
        let (_, rest) = answer.text.split_once(open).unwrap();
        let (inline, rest) = rest.split_once(close).unwrap();
        assert!(inline.len() > 1000 && !rest.contains(close), "one {directive}");
        let hash = STANDARD.encode(digest(&SHA256, inline.as_bytes()));
        assert!(policy.contains(&format!("{directive} 'sha256-{hash}';")), "{directive} in {policy}");
    }
    for outside in ["src=\"http", "href=\"http", "@import", "url(", "import(", "innerHTML", " style=\"", " onclick=\""]
    {
        assert!(!answer.text.contains(outside), "{outside}");
    }
}

#[tokio::test]
async fn redoc_leads_to_the_page() {
    let (_sandbox, api) = well().await;
    let answer = api.get("/api/redoc").send().await.expect(308);
    assert_eq!(answer.header("location"), Some("/api/docs"));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let (_sandbox, api) = well().await;
    for path in ["/", "/health", "/api/openapi.json", "/api/docs"] {
        let whole = api.get(path).send().await.expect(200);
        let head = api.call(Method::HEAD, path).send().await.expect(200);
        assert_eq!(head.text, "", "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy"] {
            assert_eq!(head.header(name), whole.header(name), "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn health_tells_each_check_and_no_name() {
    let (sandbox, api) = well().await;
    for path in HEALTH_PATHS {
        let answer = api.get(path).send().await.expect(200);
        let health = answer.data();
        assert_eq!((&health["status"], &health["stage"]), (&Value::from("ok"), &Value::from("local")));
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
        for check in ["database", "queues", "storage"] {
            assert_eq!(health["checks"][check]["status"], "ok", "{}", answer.text);
            assert!(health["checks"][check]["latencyMs"].as_u64().unwrap() <= 1500);
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        names_nothing(&sandbox, &answer);
    }
}

/// Neither a place nor a name that a setting holds, nor why something failed.
fn names_nothing(sandbox: &Sandbox, answer: &Answer) {
    let port = sandbox.cloud.address().port().to_string();
    for name in [port.as_str(), "127.0.0.1", "http", "souk-", "mailer", "dlq", "core", "arn:", "timeout", "connection"]
    {
        assert!(!answer.text.contains(name), "{name} in {}", answer.text);
    }
}

#[tokio::test]
async fn health_is_degraded_when_nothing_answers() {
    let sandbox = Sandbox::start().await;
    let aws = aws_at(&sandbox, "http://127.0.0.1:1");
    let api = started(&sandbox, &sandbox.environment("docs"), &aws).await;
    for path in HEALTH_PATHS {
        let answer = api.get(path).send().await.expect_failure(503, "SERVICE_UNAVAILABLE");
        assert_eq!(answer.data()["status"], "degraded");
        assert_eq!(answer.data()["stage"], "local");
        for check in ["database", "queues", "storage"] {
            assert_eq!(answer.data()["checks"][check]["status"], "failed", "{}", answer.text);
        }
        names_nothing(&sandbox, &answer);
    }
    api.get("/").send().await.expect(200);
}

#[tokio::test]
async fn health_tells_which_check_failed() {
    let sandbox = Sandbox::start().await;
    let function = sandbox.template.functions.iter().find(|function| function.binary == "docs").unwrap();
    // Of two settings of one name the later one counts.
    let missing = ("BUCKET_EVENTS_DLQ".to_owned(), "souk-local-no-such-bucket".to_owned());
    let environment = Environment::of(function.environment.clone().into_iter().chain([missing]));
    let api = started(&sandbox, &environment, &sandbox.aws).await;
    let answer = api.get("/health").send().await.expect_failure(503, "SERVICE_UNAVAILABLE");
    let checks = &answer.data()["checks"];
    assert_eq!((&checks["database"]["status"], &checks["queues"]["status"]), (&Value::from("ok"), &Value::from("ok")));
    assert_eq!(checks["storage"]["status"], "failed");
    names_nothing(&sandbox, &answer);
}

#[tokio::test]
async fn health_does_not_wait_for_what_never_answers() {
    let sandbox = Sandbox::start().await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let aws = aws_at(&sandbox, &format!("http://{}", silent.local_addr().unwrap()));
    let started_at = Instant::now();
    let api = started(&sandbox, &sandbox.environment("docs"), &aws).await;
    let answer = api.get("/health").send().await.expect_failure(503, "SERVICE_UNAVAILABLE");
    assert!(started_at.elapsed() < Duration::from_secs(4), "all three at once: {:?}", started_at.elapsed());
    assert_eq!(answer.data()["checks"]["database"]["status"], "failed");
}

#[tokio::test]
async fn health_is_kept_for_five_seconds() {
    let (sandbox, api) = well().await;
    let checks = || sandbox.spent().calls;
    sandbox.clock.set_offset_seconds(10);
    api.get("/health").send().await.expect(200);
    let before = checks();
    let crowd = (0..20).map(|n| api.get(HEALTH_PATHS[n % 3]).send());
    for answer in futures::future::join_all(crowd).await {
        answer.expect(200);
    }
    sandbox.clock.set_offset_seconds(13);
    api.get("/health").send().await.expect(200);
    assert_eq!(checks(), before, "nothing is asked again");
    sandbox.clock.set_offset_seconds(16);
    api.get("/health").send().await.expect(200);
    assert_eq!(checks(), before + 1, "one question to the database");
    sandbox.clock.set_offset_seconds(0);
    api.get("/health").send().await.expect(200);
    assert_eq!(checks(), before + 2, "a clock that was set back keeps nothing");
}
