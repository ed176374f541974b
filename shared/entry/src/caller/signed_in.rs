//! A person who is signed in.

use std::collections::BTreeSet;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::{FromRef, FromRequestParts};
use domain::identity::{Account, Role, Session};
use domain::{Code, Failure};
use http::request::Parts;

use super::authenticate::authenticate;
use super::{Credential, document, refusals};
use crate::app::App;
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

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let known = authenticate(parts, &App::from_ref(state)).await?;
        match known.credential {
            Credential::Session(session) => Ok(SignedIn { account: known.account, session, roles: known.roles }),
            Credential::Key(_) => {
                let message = "This needs a person who is signed in: an API key cannot do it";
                Err(Failure::new(Code::SessionRequired, message).into())
            }
        }
    }
}

impl OperationInput for SignedIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document(operation, &[Role::User]);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        refusals(&[Code::SessionRequired])
    }
}
