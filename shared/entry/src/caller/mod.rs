//! Who is calling, and with what right. A handler that takes none of these is public, and that is visible at a glance:
//!
//! - [`SignedIn`]: a person who is signed in; never an API key; [`Guarded`]: one who changes what they sign in with;
//! - [`Caller`]: somebody who is signed in, or an API key made for that area;
//! - [`As`]: staff, likewise.

pub mod area;
mod authenticate;
mod callers;
mod memory;
mod scoped;
mod signed_in;
mod staff;

pub use callers::Callers;
pub use scoped::Caller;
pub(crate) use scoped::access;
pub use signed_in::{Guarded, SignedIn};
pub use staff::{Administrator, As, Operator, Right};

use std::collections::BTreeSet;

use aide::openapi::{Operation, Response as Documented};
use domain::Code;
use domain::identity::{Account, ApiKey, Role, Session};
use indexmap::IndexMap;
use serde_json::json;

use crate::openapi::refusal;

/// Somebody whose credential is genuine and lives, and whose account is active.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    pub account: Account,
    pub roles: BTreeSet<Role>,
    pub credential: Credential,
}

/// By what somebody proved who they are.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A sign-in.
    Session(Session),
    /// A program's key.
    Key(ApiKey),
}

/// What the document says of an operation that is not public.
fn document(operation: &mut Operation, roles: &[Role]) {
    operation.security = vec![IndexMap::from_iter([("bearer".to_owned(), Vec::new())])];
    operation.extensions.insert("x-roles".to_owned(), json!(roles));
}

/// How everybody who is not let in is answered, `forbidden` being the 403s.
fn refusals(forbidden: &[Code]) -> Vec<(Option<u16>, Documented)> {
    vec![(Some(401), refusal(&[Code::AuthenticationFailed, Code::TokenExpired])), (Some(403), refusal(forbidden))]
}
