//! The id in the path of a request, or two of them.

use std::str::FromStr;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use axum::extract::{FromRequestParts, RawPathParams};
use domain::id::Kind;
use domain::{Code, Failure, Id};
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

/// The last two parameters of the path: the id of something, and of something that belongs to it.
#[derive(Debug)]
pub struct Inner<A: Kind, B: Kind>(pub Id<A>, pub Id<B>);

impl<S, A, B> FromRequestParts<S> for Inner<A, B>
where
    S: Send + Sync,
    A: Kind,
    B: Kind,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Failure::not_found())?;
        let mut last = params.iter().map(|(_, value)| value).collect::<Vec<_>>().into_iter().rev();
        let mut next = || last.next().ok_or_else(Failure::not_found);
        let (inner, outer) = (next()?, next()?);
        let none = |_| Failure::not_found();
        Ok(Inner(outer.parse().map_err(none)?, inner.parse().map_err(none)?))
    }
}

impl<A: Kind, B: Kind> OperationInput for Inner<A, B> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let (outer, inner) = (ctx.schema.subschema_for::<Id<A>>(), ctx.schema.subschema_for::<Id<B>>());
        let schema = schemars::json_schema!({
            "type": "object",
            "required": ["id", B::INNER],
            "properties": { "id": outer, B::INNER: inner },
        });
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Path);
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(404), refusal(&[Code::NotFound]))]
    }
}
