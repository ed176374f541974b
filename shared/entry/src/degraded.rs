//! A failure that still shows what is known: 503 with `data`, so that who reads the status and who reads the body learn
//! the same.

use std::marker::PhantomData;
use std::sync::Arc;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::response::{IntoResponse, Response};
use domain::{Code, Failure};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::to_raw_value;

use crate::envelope::{Outcome, documented};
use crate::problem::{Problem, status};

/// 503 SERVICE_UNAVAILABLE, with `data` beside the code.
#[derive(Debug)]
pub struct Degraded<T> {
    message: &'static str,
    cause: String,
    data: T,
}

impl<T> Degraded<T> {
    /// `data`, with a sentence for people; `cause` is for the log alone.
    pub fn new(message: &'static str, cause: String, data: T) -> Self {
        Degraded { message, cause, data }
    }
}

impl<T: Serialize> IntoResponse for Degraded<T> {
    fn into_response(self) -> Response {
        let data = match to_raw_value(&self.data) {
            Ok(data) => data,
            Err(error) => return Problem::internal(error).into_response(),
        };
        let failure = Failure::new(Code::Unavailable, self.message);
        let mut response = status(failure.code).into_response();
        response.extensions_mut().insert(Outcome::Degraded(failure, self.cause, Arc::from(data)));
        response
    }
}

impl<T: JsonSchema> aide::OperationOutput for Degraded<T> {
    type Inner = PhantomData<T>;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let data = ctx.schema.subschema_for::<T>();
        let schema = schemars::json_schema!({
            "allOf": [
                { "$ref": "#/components/schemas/Failure" },
                { "type": "object", "required": ["data"], "properties": { "data": data } },
            ],
        });
        let code = Code::Unavailable;
        vec![(Some(status(code).as_u16()), documented(code.as_str(), schema))]
    }
}
