//! The JSON body of a request.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, ReferenceOr, RequestBody, Response as Documented, SchemaObject};
use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use domain::{Code, Failure};
use garde::Validate;
use http::{HeaderMap, header};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::all_of;
use crate::openapi::refusal;
use crate::problem::Problem;

/// A JSON object of at most 64 KiB, read as `T`, with every rule of `T` holding.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// The same, where no body at all means `T`'s default.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

impl<S, T> FromRequest<S> for OptionalBody<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Default + Validate<Context = ()>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.body().is_end_stream() {
            return Ok(OptionalBody(T::default()));
        }
        Body::from_request(request, state).await.map(|Body(value)| OptionalBody(value))
    }
}

impl<T: JsonSchema> OperationInput for OptionalBody<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Body::<T>::operation_input(ctx, operation);
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            body.required = false;
        }
    }

    fn inferred_early_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        Body::<T>::inferred_early_responses(ctx, operation)
    }
}

/// The largest body where no chapter says more, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_type(request.headers())?;
        let bytes = Bytes::from_request(request, state).await.map_err(|_| too_large())?;
        if bytes.len() > MAX_BYTES {
            return Err(too_large().into());
        }
        let value: T = read(&bytes)?;
        value.validate().map_err(|report| all_of(&report))?;
        Ok(Body(value))
    }
}

pub(super) fn too_large() -> Failure {
    Failure::new(Code::PayloadTooLarge, format!("The body is larger than {MAX_BYTES} bytes"))
}

fn check_type(headers: &HeaderMap) -> Result<(), Failure> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(Failure::new(Code::UnsupportedMediaType, "The body must be application/json")),
    }
}

/// First the whole body as plain JSON, which bounds depth and refuses what is no text, then its fields.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let malformed = |reason: String| Failure::field("body", reason);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("is not UTF-8".to_owned()))?;
    let value: Value = serde_json::from_str(text).map_err(|error| malformed(format!("is not JSON: {error}")))?;
    if !value.is_object() {
        return Err(malformed("must be one JSON object".to_owned()));
    }
    if holds_nul(&value) {
        return Err(malformed("must not hold NUL".to_owned()));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        misread(&path, &error.into_inner().to_string())
    })
}

/// A field that is missing is told by its name, though the reader stood at the object that lacks it.
fn misread(path: &str, reason: &str) -> Failure {
    let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (path, missing) {
        (".", Some(name)) => Failure::field(name, "is required"),
        (path, Some(name)) => Failure::field(format!("{path}.{name}"), "is required"),
        (".", None) => Failure::field("body", reason),
        (path, None) => Failure::field(path, reason),
    }
}

/// The depth is bounded by the parser.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = SchemaObject { json_schema: ctx.schema.subschema_for::<T>(), example: None, external_docs: None };
        let media = MediaType { schema: Some(schema), ..MediaType::default() };
        let content = IndexMap::from_iter([("application/json".to_owned(), media)]);
        let body = RequestBody { content, required: true, ..RequestBody::default() };
        operation.request_body = Some(ReferenceOr::Item(body));
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        [(400, Code::Validation), (413, Code::PayloadTooLarge), (415, Code::UnsupportedMediaType)]
            .map(|(status, code)| (Some(status), refusal(&[code])))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Named {
        name: String,
    }

    fn refused(bytes: &[u8]) -> Failure {
        read::<Named>(bytes).map(|named| named.name).unwrap_err()
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let bodies: [&[u8]; 9] = [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\"x\"",
            b"{\"name\":\"\\ud800\"}",
            b"{\"name\":\"\\u0000\"}",
            b"{\"name\":\"\xff\"}",
            deep.as_bytes(),
        ];
        for body in bodies {
            assert_eq!(refused(body).code, Code::Validation, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_wrong_type_is_told_with_its_field() {
        assert_eq!(refused(b"{\"name\":5}").details[0].field, "name");
        let missing = &refused(b"{}").details[0];
        assert_eq!((missing.field.as_str(), missing.message.as_str()), ("name", "is required"));
        assert_eq!(read::<Named>(b"{\"name\":\"Ada\",\"unknown\":1}").unwrap().name, "Ada");
    }

    #[test]
    fn the_type_must_be_json_in_any_case() {
        let with = |value: &'static str| HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
        assert!(check_type(&with("Application/JSON; charset=utf-8")).is_ok());
        for wrong in ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", ""] {
            assert!(check_type(&with(wrong)).is_err(), "{wrong}");
        }
        assert!(check_type(&HeaderMap::new()).is_err());
    }
}
