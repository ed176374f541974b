//! Staff: whoever has a right that not everybody has.

use std::marker::PhantomData;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::{FromRef, FromRequestParts};
use domain::identity::Role;
use domain::{Code, Failure, rate};
use http::request::Parts;

use super::area::Admin;
use super::{Caller, document, refusals};
use crate::app::App;
use crate::limit;
use crate::problem::Problem;

/// A right that not everybody has.
pub trait Right: Send + Sync + 'static {
    /// Any of these roles brings it.
    const ROLES: &'static [Role];
}

/// Runs the compute side, reads users; administrators may do the same.
pub enum Operator {}
impl Right for Operator {
    const ROLES: &'static [Role] = &[Role::Operator, Role::Administrator];
}

/// Manages people.
pub enum Administrator {}
impl Right for Administrator {
    const ROLES: &'static [Role] = &[Role::Administrator];
}

/// A caller who has right `R`; everybody else who is known gets 403.
#[derive(Clone, Debug)]
pub struct As<R> {
    /// Who it is.
    pub caller: Caller<Admin>,
    right: PhantomData<fn() -> R>,
}

impl<S, R> FromRequestParts<S> for As<R>
where
    S: Send + Sync,
    R: Right,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.has::<R>() {
            true => Ok(As { caller, right: PhantomData }),
            false => Err(Failure::new(Code::AuthorizationFailed, "This needs a role that you do not have").into()),
        }
    }
}

impl<R: Right> OperationInput for As<R> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Caller::<Admin>::operation_input(ctx, operation);
        document(operation, R::ROLES);
        limit::document(operation, rate::ADMIN.name);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        [refusals(&[Code::AuthorizationFailed, Code::InsufficientScope]), limit::refusals(&rate::ADMIN)].concat()
    }
}
