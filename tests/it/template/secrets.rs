//! A function's environment can be read by whoever may look at it: it holds names of secrets, never secrets.

use devstack::template::Template;
use serde_json::Value;

/// What a variable that holds a secret would be called.
const SECRET_NAMES: [&str; 7] = ["SECRET", "PASSWORD", "PRIVATE", "CREDENTIAL", "TOKEN", "KEY", "SIGNING"];
/// The public half of keys: long and random by nature.
const PUBLIC_KEYS: &str = "JWT_JWKS";
/// So many letters and digits without a break are no name; base64url breaks at its dashes, but not so often.
const RANDOM_LENGTH: usize = 20;

/// Variables that hold a secret, as `Function.VARIABLE`.
pub fn in_environment(template: &Template) -> Vec<String> {
    let mut found = Vec::new();
    for function in &template.functions {
        for (name, value) in &function.environment {
            let is_secret = match name == PUBLIC_KEYS {
                true => holds_private_half(value),
                false => should_be_secret(name, value) || looks_like_a_key(value),
            };
            if is_secret {
                found.push(format!("{}.{name}", function.logical_id));
            }
        }
    }
    found
}

fn should_be_secret(name: &str, value: &str) -> bool {
    SECRET_NAMES.iter().any(|word| name.contains(word)) && !is_parameter_name(value)
}

fn is_parameter_name(value: &str) -> bool {
    value.starts_with('/') && value.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c))
}

fn looks_like_a_key(value: &str) -> bool {
    let known = ["-----BEGIN", "AKIA", "{{resolve:", "sk_live_", "whsec_", "Bearer "];
    let runs = value.split(|c: char| !(c.is_ascii_alphanumeric() || "+=".contains(c)));
    let is_random = |run: &str| {
        run.len() >= RANDOM_LENGTH
            && run.contains(|c: char| c.is_ascii_digit())
            && run.contains(|c: char| c.is_ascii_alphabetic())
    };
    known.iter().any(|mark| value.contains(mark)) || (!is_parameter_name(value) && runs.into_iter().any(is_random))
}

fn holds_private_half(jwks: &str) -> bool {
    let set: Value = serde_json::from_str(jwks).unwrap_or_default();
    // A set that cannot be read may hold anything.
    let Some(keys) = set["keys"].as_array() else { return true };
    keys.iter().any(|key| ["d", "k", "p", "q"].iter().any(|private| !key[private].is_null()))
}

#[test]
fn keys_are_told_from_names() {
    let secret = [
        ("DB_PASSWORD", "hunter2"),
        ("SIGNING_KEY", "abc"),
        ("X", "-----BEGIN PRIVATE KEY-----"),
        ("X", "4f3c2b1a09f8e7d6c5b4a3928170f6e5"),
        ("X", "{{resolve:ssm-secure:/souk/key}}"),
    ];
    for (name, value) in secret {
        assert!(should_be_secret(name, value) || looks_like_a_key(value), "{name}={value}");
    }
    let plain = [
        ("KEYRING", "/souk/prod/keyring"),
        ("TOKEN_KEYS", "/souk/prod/token-keys"),
        ("QUEUE_MAILER", "https://sqs.us-east-1.amazonaws.com/000000000000/souk-prod-mailer"),
        ("BUCKET_EVENTS_DLQ", "souk-prod-events-dlq-000000000000"),
        ("CORS_ORIGINS", "https://app.example.com,https://admin.example.com"),
    ];
    for (name, value) in plain {
        assert!(!should_be_secret(name, value) && !looks_like_a_key(value), "{name}={value}");
    }
    assert!(holds_private_half(r#"{"keys":[{"kty":"EC","x":"a","y":"b","d":"c"}]}"#));
    assert!(holds_private_half("nonsense"));
    assert!(!holds_private_half(r#"{"keys":[{"kty":"EC","x":"a","y":"b"}]}"#));
}
