//! A person who is signed in.

use std::collections::BTreeSet;
use std::ops::Deref;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::{FromRef, FromRequestParts};
use domain::identity::{Account, Role, Session};
use domain::rate::{self, Class};
use domain::{Code, Failure};
use http::request::Parts;

use super::area::{Area, Profile};
use super::authenticate::authenticate;
use super::{Credential, document, refusals};
use crate::app::App;
use crate::limit;
use crate::problem::Problem;

/// A person who is signed in. API keys do not come this far: what is done here concerns sign-ins themselves.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Their account.
    pub account: Account,
    /// Their session.
    pub session: Session,
    /// What they may be: the roles of the token that the account still has. A new role works with the next token.
    pub roles: BTreeSet<Role>,
}

/// The same person about to change what they sign in with, which they may do as often as others may sign in.
#[derive(Clone, Debug)]
pub struct Guarded(pub SignedIn);

impl Deref for Guarded {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

async fn signed_in(parts: &Parts, app: &App, class: Class) -> Result<SignedIn, Problem> {
    let known = authenticate(parts, app, class).await?;
    match known.credential {
        Credential::Session(session) => Ok(SignedIn { account: known.account, session, roles: known.roles }),
        Credential::Key(_) => {
            let message = "This needs a person who is signed in: an API key cannot do it";
            Err(Failure::new(Code::SessionRequired, message).into())
        }
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        signed_in(parts, &App::from_ref(state), Profile::class(&parts.method)).await
    }
}

impl<S> FromRequestParts<S> for Guarded
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        signed_in(parts, &App::from_ref(state), rate::AUTH).await.map(Guarded)
    }
}

impl OperationInput for SignedIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document(operation, &[Role::User]);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        [refusals(&[Code::SessionRequired]), limit::refusals(&rate::READ)].concat()
    }
}

impl OperationInput for Guarded {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document(operation, &[Role::User]);
        limit::document(operation, rate::AUTH.name);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        [refusals(&[Code::SessionRequired]), limit::refusals(&rate::AUTH)].concat()
    }
}
