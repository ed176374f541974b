//! The envelope of every answer. Handlers answer values; the envelope is written once, around them, where request id
//! and time are known.

use std::marker::PhantomData;
use std::sync::Arc;

use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject};
use axum::response::{IntoResponse, Response};
use domain::{Detail, Failure, Time};
use http::{HeaderValue, StatusCode, header};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::problem::status;

/// A successful answer of status `STATUS`.
#[derive(Debug)]
pub struct Envelope<T, const STATUS: u16> {
    data: T,
    message: &'static str,
    version: Option<u64>,
}

/// 200: here it is.
pub type Shown<T> = Envelope<T, 200>;
/// 201: it has been made.
pub type Created<T> = Envelope<T, 201>;

/// 202: it will be done.
pub type Accepted<T> = Envelope<T, 202>;

/// `{}`: there is nothing to tell.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Nothing {}

impl<T, const STATUS: u16> Envelope<T, STATUS> {
    /// `data`, with a sentence for people.
    pub fn new(message: &'static str, data: T) -> Self {
        Envelope { data, message, version: None }
    }

    /// ETag and body of the answer, for those that must be the same bytes again.
    pub(crate) fn written(&self, now: Time) -> Result<(Option<String>, Vec<u8>), crate::Problem>
    where
        T: Serialize,
    {
        let (data, message) = (to_raw_value(&self.data)?, self.message);
        let success = Success { success: true, message, data: &data, timestamp: now, status_code: STATUS };
        Ok((self.version.map(|version| format!("\"{version}\"")), serde_json::to_vec(&success)?))
    }

    /// Adds the ETag of a version.
    pub fn tagged(self, version: u64) -> Self {
        Envelope { version: Some(version), ..self }
    }
}

/// What a response stands for until its envelope is written.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Success(&'static str, Arc<RawValue>),
    Failure(Failure, Option<String>),
    Degraded(Failure, String, Arc<RawValue>),
}

impl Outcome {
    /// The envelope as JSON.
    pub fn write(&self, status_code: StatusCode, request_id: &str, now: Time) -> Vec<u8> {
        let status_code = status_code.as_u16();
        let written = match self {
            Outcome::Success(message, data) => {
                let data: &RawValue = data;
                serde_json::to_vec(&Success { success: true, message, data, timestamp: now, status_code })
            }
            Outcome::Failure(failure, _) => refused(failure, None, request_id, now, status_code),
            Outcome::Degraded(failure, _, data) => refused(failure, Some(data), request_id, now, status_code),
        };
        written.unwrap_or_default()
    }
}

fn refused(
    failure: &Failure,
    data: Option<&RawValue>,
    request_id: &str,
    timestamp: Time,
    status_code: u16,
) -> serde_json::Result<Vec<u8>> {
    let (message, code, details) = (failure.message.as_str(), failure.code.as_str(), failure.details.as_slice());
    serde_json::to_vec(&Refused { success: false, message, code, details, data, request_id, timestamp, status_code })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refused<'a> {
    success: bool,
    message: &'a str,
    code: &'static str,
    details: &'a [Detail],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    request_id: &'a str,
    timestamp: Time,
    status_code: u16,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Success<'a> {
    success: bool,
    message: &'static str,
    data: &'a RawValue,
    timestamp: Time,
    status_code: u16,
}

impl<T: Serialize, const STATUS: u16> IntoResponse for Envelope<T, STATUS> {
    fn into_response(self) -> Response {
        let data = match to_raw_value(&self.data) {
            Ok(data) => data,
            Err(error) => return crate::Problem::internal(error).into_response(),
        };
        let mut response = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK).into_response();
        if let Some(version) = self.version.and_then(|v| HeaderValue::from_str(&format!("\"{v}\"")).ok()) {
            response.headers_mut().insert(header::ETAG, version);
        }
        response.extensions_mut().insert(Outcome::Success(self.message, Arc::from(data)));
        response
    }
}

impl<T: JsonSchema, const STATUS: u16> aide::OperationOutput for Envelope<T, STATUS> {
    type Inner = PhantomData<T>;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let data = ctx.schema.subschema_for::<T>();
        let schema = schemars::json_schema!({
            "type": "object",
            "required": ["success", "message", "data", "timestamp", "statusCode"],
            "properties": {
                "success": { "const": true },
                "message": { "type": "string" },
                "data": data,
                "timestamp": { "type": "string", "format": "date-time" },
                "statusCode": { "const": STATUS },
            },
        });
        vec![(Some(STATUS), documented("Success", schema))]
    }
}

/// A JSON answer in the document.
pub(crate) fn documented(description: &str, json_schema: schemars::Schema) -> Documented {
    let schema = SchemaObject { json_schema, example: None, external_docs: None };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    Documented {
        description: description.to_owned(),
        content: IndexMap::from_iter([("application/json".to_owned(), media)]),
        ..Documented::default()
    }
}

/// The response of a failure before its envelope is written; `around` writes it.
pub(crate) fn failed(failure: Failure) -> Response {
    let mut response = status(failure.code).into_response();
    response.extensions_mut().insert(Outcome::Failure(failure, None));
    response
}
