//! Answers that are documents of their own, without the envelope.

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// A whole document, as text.
#[derive(Debug)]
pub struct Document {
    text: String,
    headers: Vec<(HeaderName, &'static str)>,
}

impl Document {
    /// A JSON document.
    pub fn json(text: String) -> Self {
        Document { text, headers: vec![(header::CONTENT_TYPE, "application/json")] }
    }

    /// Adds a header.
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::OK, self.text).into_response();
        for (name, value) in self.headers {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl aide::OperationOutput for Document {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let schema = schemars::json_schema!({ "type": "object" });
        vec![(Some(200), crate::envelope::documented("The document, without envelope", schema))]
    }
}
