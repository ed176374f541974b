//! A function that cannot work does not start, and says by name what it lacks.

use runtime::{InvokeError, Stage};
use testkit::Sandbox;

use super::events::{Running, sample};

/// What a function says when one thing about its environment is wrong.
async fn complaint(sandbox: &Sandbox, function: &str, name: &str, value: Option<&str>) -> String {
    let running = Running::start(sandbox, function, |environment| {
        environment.retain(|(known, _)| known != name);
        environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    })
    .await;
    let invoked = running.invoke(&sample(function)).await;
    assert!(
        matches!(invoked, Err(InvokeError::Crashed { stage: Stage::Init, .. })),
        "{function} started without a good {name}: {invoked:?}"
    );
    let log = running.log();
    running.end().await;
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_named() {
    let sandbox = Sandbox::start().await;
    for (function, name) in [
        ("users", "PUBLIC_URL"),
        ("users", "CORE_TABLE"),
        ("users", "JWT_JWKS"),
        ("auth", "KEYRING"),
        ("auth", "TOKEN_KEYS"),
        ("outbox-relay", "QUEUE_MAILER"),
        ("webhook-sender", "QUEUE_WEBHOOK_SENDER"),
        ("mailer", "MAIL_FROM"),
    ] {
        let log = complaint(&sandbox, function, name, None).await;
        assert!(log.contains("start failed") && log.contains(&format!("setting {name} is missing")), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_named_and_not_shown() {
    let sandbox = Sandbox::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let foreign = entry::keys::generate_token_keys().unwrap();
    let foreign = file("token-keys.json", &foreign.private);
    let weak = file("keyring.json", r#"{"k1":"c2hvcnQtc2VjcmV0"}"#);
    let nowhere = folder.path().join("nowhere.json").display().to_string();
    for (function, name, value) in [
        ("users", "PUBLIC_URL", "ftp://x"),
        ("users", "JWT_JWKS", "{}"),
        ("auth", "KEYRING", &nowhere),
        ("auth", "KEYRING", &weak),
        ("mailer", "KEYRING", &nowhere),
        ("auth", "TOKEN_KEYS", &nowhere),
        // Good keys, but whose tokens nobody could verify.
        ("auth", "TOKEN_KEYS", &foreign),
        ("auth", "PASSWORD_MIN_LENGTH", "7"),
        ("mailer", "MAIL_FROM", "nobody"),
    ] {
        let log = complaint(&sandbox, function, name, Some(value)).await;
        assert!(log.contains("start failed") && log.contains(name), "{function} {name}={value}: {log}");
        assert!(!log.contains("c2hvcnQtc2VjcmV0") && !log.contains("PRIVATE KEY"), "{log}");
    }
}
