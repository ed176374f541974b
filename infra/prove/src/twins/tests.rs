use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::client::Reply;

fn told(status: u16, text: &str, replayed: bool) -> Told {
    let mut headers = HeaderMap::new();
    if replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    Told { reply: Reply { status, headers, text: text.to_owned(), json }, attempts: 1, lost: 0 }
}

fn mismatch() -> Told {
    told(422, &json!({ "code": "IDEMPOTENCY_MISMATCH" }).to_string(), false)
}

fn judged(told: &[Told]) -> (Option<String>, usize) {
    let (winner, wrong) = judge(7, &[false, false, true], told);
    (winner, wrong.len())
}

#[test]
fn whoever_comes_first_is_the_original() {
    let plain = [told(201, "a", false), told(201, "a", true), mismatch()];
    assert_eq!(judged(&plain), (Some("twin 7".to_owned()), 0));
    let altered = [mismatch(), mismatch(), told(201, "b", false)];
    assert_eq!(judged(&altered), (Some("twin 7 altered".to_owned()), 0));
}

#[test]
fn what_is_not_as_promised_is_seen() {
    for wrong in [
        [told(201, "a", false), told(201, "other", true), mismatch()],
        [told(201, "a", false), told(201, "a", false), mismatch()],
        [told(201, "a", true), told(201, "a", true), mismatch()],
        [told(201, "a", false), told(409, "{}", false), mismatch()],
        [told(201, "a", false), told(201, "a", true), told(422, "{}", false)],
        [told(500, "{}", false), told(500, "{}", false), mismatch()],
    ] {
        assert!(judged(&wrong).1 > 0, "{wrong:?}");
    }
}
