//! A body that may come with an `Idempotency-Key`.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Code, Failure};
use garde::Validate;
use http::HeaderMap;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::Body;
use crate::openapi::{header_parameter, refusal};
use crate::problem::Problem;

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;

/// A JSON body as [`Body`], and the key of the request, if it has one.
#[derive(Debug)]
pub struct Keyed<T>(pub T, pub Option<RequestKey>);

/// The key that a caller gave a request, and what the request was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    key: String,
    fingerprint: String,
}

impl RequestKey {
    /// As the caller sent it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// SHA-256 of method, path, query and body.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The key in the headers: 1 to 255 printable characters.
fn read_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    match (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|c| (b' '..=b'~').contains(&c)) {
        true => Ok(Some(text.to_owned())),
        false => Err(Failure::field("Idempotency-Key", format!("must be 1 to {MAX_LENGTH} printable characters"))),
    }
}

impl<S, T> FromRequest<S> for Keyed<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Some(key) = read_key(request.headers())? else {
            return Body::from_request(request, state).await.map(|Body(value)| Keyed(value, None));
        };
        let (parts, body) = request.into_parts();
        let mut digest = Context::new(&SHA256);
        for part in [parts.method.as_str(), "\n", &parts.uri.to_string(), "\n"] {
            digest.update(part.as_bytes());
        }
        let bytes = Bytes::from_request(Request::new(body), state).await.map_err(|_| super::body::too_large())?;
        digest.update(&bytes);
        let fingerprint = URL_SAFE_NO_PAD.encode(digest.finish());
        let Body(value) = Body::from_request(Request::from_parts(parts, bytes.into()), state).await?;
        Ok(Keyed(value, Some(RequestKey { key, fingerprint })))
    }
}

impl<T: JsonSchema> OperationInput for Keyed<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Body::<T>::operation_input(ctx, operation);
        let meaning =
            "Sent again with the same key within 24 hours, the request is answered as before and not done again.";
        operation.parameters.push(header_parameter("Idempotency-Key", meaning, MAX_LENGTH));
    }

    fn inferred_early_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let mut responses = Body::<T>::inferred_early_responses(ctx, operation);
        responses.push((Some(409), refusal(&[Code::Conflict])));
        responses.push((Some(422), refusal(&[Code::IdempotencyMismatch])));
        responses
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn keys_are_printable_and_bounded() {
        let read = |value: &[u8]| {
            read_key(&HeaderMap::from_iter([(HEADER.parse().unwrap(), HeaderValue::from_bytes(value).unwrap())]))
        };
        assert_eq!(read_key(&HeaderMap::new()), Ok(None));
        assert_eq!(read(b"a b~!"), Ok(Some("a b~!".to_owned())));
        assert!(read(&[b'x'; MAX_LENGTH]).is_ok());
        for wrong in [b"".as_slice(), &[b'x'; MAX_LENGTH + 1], "ключ".as_bytes(), b"a\tb"] {
            assert_eq!(read(wrong).unwrap_err().details[0].field, "Idempotency-Key");
        }
    }
}
