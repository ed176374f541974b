//! Somebody who is signed in, or a program with their key.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::{FromRef, FromRequestParts};
use domain::identity::scope::Access;
use domain::identity::{Account, Role, Scope};
use domain::{Code, Failure, rate};
use http::Method;
use http::request::Parts;

use super::area::{Admin, Area};
use super::authenticate::authenticate;
use super::staff::Right;
use super::{Credential, document, refusals};
use crate::app::App;
use crate::limit;
use crate::problem::Problem;

/// Somebody who is signed in, or a program with a key of theirs that was made for area `A`.
#[derive(Clone, Debug)]
pub struct Caller<A> {
    /// Their account.
    pub account: Account,
    /// What they may be: the account's roles, those of a session cut to its token's. A new role works with the next token.
    pub roles: BTreeSet<Role>,
    /// By what they proved who they are.
    pub credential: Credential,
    scope: Scope,
    area: PhantomData<fn() -> A>,
}

impl<A> Caller<A> {
    /// Whether they have right `R` besides, for an endpoint where staff may do more than others.
    pub fn has<R: Right>(&self) -> bool {
        let as_staff = Scope { area: Admin::NAME, ..self.scope };
        self.reaches(as_staff) && R::ROLES.iter().any(|role| self.roles.contains(role))
    }

    fn reaches(&self, wanted: Scope) -> bool {
        match &self.credential {
            Credential::Session(_) => true,
            Credential::Key(key) => key.allows(wanted, &self.account),
        }
    }
}

/// What a method asks of a key.
pub(crate) fn access(method: &Method) -> Access {
    match *method {
        Method::GET | Method::HEAD => Access::Read,
        _ => Access::Write,
    }
}

impl<S, A> FromRequestParts<S> for Caller<A>
where
    S: Send + Sync,
    A: Area,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let known = authenticate(parts, &App::from_ref(state), A::class(&parts.method)).await?;
        let scope = Scope { area: A::NAME, access: access(&parts.method) };
        let caller = Caller {
            account: known.account,
            roles: known.roles,
            credential: known.credential,
            scope,
            area: PhantomData,
        };
        match caller.reaches(scope) {
            true => Ok(caller),
            false => Err(Failure::new(Code::InsufficientScope, format!("This needs a key with scope {scope}")).into()),
        }
    }
}

impl<A: Area> OperationInput for Caller<A> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document(operation, &[Role::User]);
        // Read or write follows from the method, which only the route knows.
        operation.extensions.insert("x-scope".to_owned(), A::NAME.as_str().into());
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        [refusals(&[Code::InsufficientScope]), limit::refusals(&rate::READ)].concat()
    }
}
