//! Texts that are the same for everybody until the next release.

use std::marker::PhantomData;

use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject};
use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::json_schema;

/// A text with its entity tag, ready to be served.
pub struct Published {
    text: Bytes,
    headers: HeaderMap,
}

impl Published {
    /// Kept by caches for five minutes, then asked for again by its tag, which is a hash of the text.
    pub fn new(text: impl Into<Bytes>, content_type: &'static str) -> Self {
        let text = text.into();
        let hash = digest(&SHA256, &text);
        let tag: String = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let published = Published { text, headers: HeaderMap::new() };
        published
            .with(header::CONTENT_TYPE, content_type)
            .with(header::CACHE_CONTROL, "public, max-age=300")
            .with(header::ETAG, &format!("\"{tag}\""))
    }

    /// Adds a header. One that cannot be written is left out; the strict defaults of all answers stand in for it.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The text, or 304 to who has it already.
    pub fn serve<K>(&self, request: &HeaderMap) -> Served<K> {
        let mut headers = self.headers.clone();
        let response = match self.is_known_to(request) {
            true => {
                headers.remove(header::CONTENT_TYPE);
                (StatusCode::NOT_MODIFIED, headers).into_response()
            }
            false => (headers, self.text.clone()).into_response(),
        };
        Served { response, kind: PhantomData }
    }

    /// RFC 9110, 13.1.2: a list of tags, compared weakly, or `*`.
    fn is_known_to(&self, request: &HeaderMap) -> bool {
        let Some(own) = self.headers.get(header::ETAG) else { return false };
        let lines = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.trim_start_matches("W/").as_bytes() == own.as_bytes())
    }
}

/// What a text is, for the document.
pub trait Kind {
    /// Its media type.
    const MEDIA_TYPE: &'static str;
    /// What JSON Schema calls it.
    const TYPE: &'static str;
}

/// A JSON document.
pub enum Json {}
impl Kind for Json {
    const MEDIA_TYPE: &'static str = "application/json";
    const TYPE: &'static str = "object";
}

/// A page for people.
pub enum Html {}
impl Kind for Html {
    const MEDIA_TYPE: &'static str = "text/html";
    const TYPE: &'static str = "string";
}

/// The answer with a text of kind `K`, or 304.
pub struct Served<K> {
    response: Response,
    kind: PhantomData<fn() -> K>,
}

impl<K> IntoResponse for Served<K> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<K: Kind> aide::OperationOutput for Served<K> {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let json_schema = json_schema!({ "type": K::TYPE });
        let schema = SchemaObject { json_schema, example: None, external_docs: None };
        let media = MediaType { schema: Some(schema), ..MediaType::default() };
        let whole = Documented {
            description: "The text itself, without envelope, with its ETag".to_owned(),
            content: [(K::MEDIA_TYPE.to_owned(), media)].into_iter().collect(),
            ..Documented::default()
        };
        let known = Documented { description: "If-None-Match names this text".to_owned(), ..Documented::default() };
        vec![(Some(200), whole), (Some(304), known)]
    }
}
