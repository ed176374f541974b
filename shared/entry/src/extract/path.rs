//! The id in the path of a request.

use std::str::FromStr;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::{FromRequestParts, RawPathParams};
use domain::{Code, Failure};
use http::request::Parts;
use schemars::JsonSchema;

use crate::openapi::refusal;
use crate::problem::Problem;

/// The last parameter of the path, read as `T`. What does not parse does not exist: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: FromStr,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Failure::not_found())?;
        let text = params.iter().last().map(|(_, value)| value).ok_or_else(Failure::not_found)?;
        Ok(Path(text.parse().map_err(|_| Failure::not_found())?))
    }
}

impl<T: JsonSchema> OperationInput for Path<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let id = ctx.schema.subschema_for::<T>();
        let schema = schemars::json_schema!({ "type": "object", "required": ["id"], "properties": { "id": id } });
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Path);
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(404), refusal(&[Code::NotFound]))]
    }
}
