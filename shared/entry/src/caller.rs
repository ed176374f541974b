//! Who is calling, and with what right. A handler that takes none of these is public, and that is visible at a glance.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::{FromRef, FromRequestParts};
use domain::identity::{Account, Role, Session, Status};
use domain::{Code, Failure};
use http::header;
use http::request::Parts;
use indexmap::IndexMap;
use serde_json::json;

use crate::app::App;
use crate::openapi::refusal;
use crate::problem::Problem;
use crate::token::BadToken;

/// Somebody who is signed in: the token is genuine, its session lives and its account is active, all looked up now, so
/// that what must end at once ends at once.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their account.
    pub account: Account,
    /// Their session.
    pub session: Session,
    /// What they may be: the roles of the token that the account still has. A new role works with the next token.
    pub roles: BTreeSet<Role>,
}

fn unauthenticated(code: Code, message: &str) -> Failure {
    Failure::new(code, message)
}

impl Caller {
    async fn authenticate(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let missing = || unauthenticated(Code::AuthenticationFailed, "Sign in first: send an access token as Bearer");
        let refused = || unauthenticated(Code::AuthenticationFailed, "The access token is not valid");
        let value = parts.headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refused().into());
        }
        let now = app.clock.now();
        let claims = app.verifier.verify(token.trim(), now).map_err(|bad| match bad {
            BadToken::Invalid => refused(),
            BadToken::Expired => unauthenticated(Code::TokenExpired, "The access token has expired: refresh it"),
        })?;
        let (account, session) = app.store.account_and_session(claims.sub, claims.sid).await?;
        let account = account.filter(|account| account.status == Status::Active).ok_or_else(refused)?;
        let session = session.filter(|session| session.is_living(now)).ok_or_else(refused)?;
        let roles = account.roles().intersection(&claims.roles).copied().collect();
        Ok(Caller { account, session, roles })
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::authenticate(parts, &App::from_ref(state)).await?;
        crate::log::note_principal(&parts.extensions, caller.account.id.to_string());
        Ok(caller)
    }
}

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

/// A caller who has right `R`; everybody else who is signed in gets 403.
#[derive(Clone, Debug)]
pub struct As<R> {
    /// Who it is.
    pub caller: Caller,
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
        match R::ROLES.iter().any(|role| caller.roles.contains(role)) {
            true => Ok(As { caller, right: PhantomData }),
            false => Err(Failure::new(Code::AuthorizationFailed, "This needs a role that you do not have").into()),
        }
    }
}

fn document(operation: &mut Operation, roles: &[Role]) {
    operation.security = vec![IndexMap::from_iter([("bearer".to_owned(), Vec::new())])];
    operation.extensions.insert("x-roles".to_owned(), json!(roles));
}

impl OperationInput for Caller {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document(operation, &[Role::User]);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(401), refusal(&[Code::AuthenticationFailed, Code::TokenExpired]))]
    }
}

impl<R: Right> OperationInput for As<R> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        document(operation, R::ROLES);
    }

    fn inferred_early_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        let mut responses = Caller::inferred_early_responses(ctx, operation);
        responses.push((Some(403), refusal(&[Code::AuthorizationFailed])));
        responses
    }
}
