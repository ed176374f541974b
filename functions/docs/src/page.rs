//! The API page in one piece, and the policy that lets a browser run exactly its style and script.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::published::Published;

const FRAME: &str = include_str!("../page/index.html");
const STYLE: &str = include_str!("../page/style.css");

/// One module in several files, each using what stands above it.
const SCRIPT: &str = concat!(
    include_str!("../page/dom.js"),
    include_str!("../page/schema.js"),
    include_str!("../page/session.js"),
    include_str!("../page/trial.js"),
    include_str!("../page/operation.js"),
    include_str!("../page/app.js"),
);

/// Style and script put into their places in the frame.
pub fn publish() -> Published {
    let text = FRAME.replacen("/* style */", STYLE, 1).replacen("/* script */", SCRIPT, 1);
    Published::new(text, "text/html; charset=utf-8").with(header::CONTENT_SECURITY_POLICY, &policy())
}

/// Nothing but what is in the page: no other script or style, no other host, no markup made of data.
fn policy() -> String {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        source(SCRIPT),
        source(STYLE),
    )
}

/// An inline text as a source of the policy: its hash.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}
