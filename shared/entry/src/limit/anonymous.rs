//! Callers who are nobody in particular, counted by the address that the gateway saw.

use std::marker::PhantomData;
use std::ops::Deref;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::{FromRef, FromRequestParts};
use domain::rate::{self, Class};
use http::Extensions;
use http::request::Parts;

use crate::app::App;
use crate::limit::{self, Principal, Standings};
use crate::origin::Origin;
use crate::problem::Problem;

/// Counts what only the handler can name: the address that somebody signs in with, the session that a token is of.
#[derive(Clone, Debug)]
pub struct Meter {
    standings: Standings,
    ip: String,
}

impl Meter {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let ip = extensions.get::<Origin>().map(|origin| origin.ip.clone()).unwrap_or_default();
        Meter { standings: extensions.get::<Standings>().cloned().unwrap_or_default(), ip }
    }

    /// Counts one request of `principal`.
    ///
    /// # Errors
    /// RATE_LIMIT_EXCEEDED beyond the limit, and SERVICE_UNAVAILABLE when a closed class cannot be counted.
    pub async fn count(&self, app: &App, principal: &Principal, class: Class) -> Result<(), Problem> {
        let counted = app.limiter.count(&app.store, principal, class, app.clock.now()).await;
        let (standing, outcome) = match counted {
            Ok(standing) => (standing, Ok(())),
            Err((problem, standing)) => (standing, Err(problem)),
        };
        if let Some(standing) = standing {
            self.standings.note(standing);
        }
        outcome
    }

    /// Counts one request of whoever calls from this address.
    ///
    /// # Errors
    /// As [`Meter::count`].
    pub async fn count_ip(&self, app: &App, class: Class) -> Result<(), Problem> {
        let class = class.times(app.settings.rate_limit_anonymous_factor);
        self.count(app, &Principal::Ip(self.ip.clone()), class).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Meter {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Meter::of(&parts.extensions))
    }
}

/// Only handlers of `auth` learn later whom to count.
impl OperationInput for Meter {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        limit::document(operation, rate::AUTH.name);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        limit::refusals(&rate::AUTH)
    }
}

/// A class, as the type of an argument.
pub trait Rate: Send + Sync + 'static {
    /// What is counted.
    const CLASS: Class;
    /// As the document calls it.
    const NAME: &'static str = Self::CLASS.name;
}

/// Makes, proves or changes credentials: 20 a minute from one address.
pub enum ByAddress {}
impl Rate for ByAddress {
    const CLASS: Class = rate::AUTH;
}

/// Signs in: the address that is signed in with has 20 a minute, which its handler counts, and a source address 200.
pub enum SigningIn {}
impl Rate for SigningIn {
    const CLASS: Class = rate::AUTH_BY_IP;
    const NAME: &'static str = rate::AUTH.name;
}

/// Reads: 300 a minute from one address.
pub enum Reading {}
impl Rate for Reading {
    const CLASS: Class = rate::READ;
}

/// Anybody, counted in class `R` by source address before the handler runs.
#[derive(Debug)]
pub struct Anonymous<R> {
    meter: Meter,
    rate: PhantomData<fn() -> R>,
}

impl<R> Deref for Anonymous<R> {
    type Target = Meter;

    fn deref(&self) -> &Meter {
        &self.meter
    }
}

impl<S, R> FromRequestParts<S> for Anonymous<R>
where
    S: Send + Sync,
    R: Rate,
    App: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let meter = Meter::of(&parts.extensions);
        meter.count_ip(&App::from_ref(state), R::CLASS).await?;
        Ok(Anonymous { meter, rate: PhantomData })
    }
}

impl<R: Rate> OperationInput for Anonymous<R> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        limit::document(operation, R::NAME);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        limit::refusals(&R::CLASS)
    }
}
