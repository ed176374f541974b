//! The document is made from the handlers and checked in; it may not drift from them.

use std::path::Path;

use entry::openapi::{self, Part};
use serde_json::Value;

/// The document of all functions.
pub fn document() -> Value {
    let parts = vec![
        Part::new("auth", auth::routes()),
        Part::new("users", users::routes()),
        Part::new("notifications", notifications::routes()),
        Part::new("docs", docs::routes()),
    ];
    openapi::document(env!("CARGO_PKG_VERSION"), parts)
}

#[test]
fn the_document_is_what_the_handlers_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let made = format!("{:#}\n", document());
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/openapi.json differs from the handlers: run `ACCEPT=1 cargo test openapi` and look at the diff"
    );
}

#[test]
fn every_operation_says_what_it_is_and_how_it_fails() {
    let document = document();
    let mut ids = std::collections::BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
            assert!(operation["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: two with one id");
            let is_public = operation.get("security").is_none();
            assert_eq!(operation.get("x-roles").is_none(), is_public, "{name}");
            let refused = operation["responses"]["403"]["description"].as_str().unwrap_or_default();
            assert_eq!(
                refused.contains("SESSION_REQUIRED"),
                !is_public && operation.get("x-scope").is_none(),
                "{name}"
            );
            let has_body = operation.get("requestBody").is_some();
            assert_eq!(operation["responses"].get("415").is_some(), has_body, "{name}");
        }
    }
    assert_eq!(document["components"]["schemas"]["PersonName"]["maxLength"], 100, "limits come from types");
}
