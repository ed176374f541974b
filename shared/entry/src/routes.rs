//! The route table of one function. What the document says of a route is made from its handler's signature, but only
//! when somebody asks: a cold start must not pay for it.

use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::OperationHandler;
use aide::{OperationInput, OperationOutput};
use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use http::Method;

use crate::about::About;

/// The routes of one function, under the prefixes that it owns.
pub struct Routes<S> {
    prefix: &'static str,
    pub(crate) router: Router<S>,
    pub(crate) documented: Vec<Route>,
}

/// One route, as the document needs it.
pub(crate) struct Route {
    pub method: Method,
    pub path: String,
    pub about: About,
    pub describe: fn(&mut GenContext) -> Operation,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// An empty table; paths begin with `prefix`.
    pub fn under(prefix: &'static str) -> Self {
        Routes { prefix, router: Router::new(), documented: Vec::new() }
    }

    /// Paths from here on begin with another `prefix`.
    pub fn and_under(self, prefix: &'static str) -> Self {
        Routes { prefix, ..self }
    }

    /// Answers GET (and HEAD) on `path`.
    pub fn get<H, I, O, T>(self, path: &str, about: About, handler: H) -> Self
    where
        H: Handler<T, S> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(Method::GET, MethodFilter::GET, path, about, handler)
    }

    /// Answers POST on `path`.
    pub fn post<H, I, O, T>(self, path: &str, about: About, handler: H) -> Self
    where
        H: Handler<T, S> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(Method::POST, MethodFilter::POST, path, about, handler)
    }

    /// Answers PUT on `path`.
    pub fn put<H, I, O, T>(self, path: &str, about: About, handler: H) -> Self
    where
        H: Handler<T, S> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(Method::PUT, MethodFilter::PUT, path, about, handler)
    }

    /// Answers PATCH on `path`.
    pub fn patch<H, I, O, T>(self, path: &str, about: About, handler: H) -> Self
    where
        H: Handler<T, S> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(Method::PATCH, MethodFilter::PATCH, path, about, handler)
    }

    /// Answers DELETE on `path`.
    pub fn delete<H, I, O, T>(self, path: &str, about: About, handler: H) -> Self
    where
        H: Handler<T, S> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(Method::DELETE, MethodFilter::DELETE, path, about, handler)
    }

    fn on<H, I, O, T>(mut self, method: Method, filter: MethodFilter, path: &str, about: About, handler: H) -> Self
    where
        H: Handler<T, S> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        let path = format!("{}{path}", self.prefix);
        self.router = self.router.route(&path, on(filter, handler));
        // The document is made in tests, which run with debug assertions. Release builds do not even hold the code for it:
        // schemas of all bodies weigh megabytes, and a cold start reads what it maps.
        if cfg!(debug_assertions) {
            self.documented.push(Route { method, path, about, describe: describe::<I, O> });
        }
        self
    }
}

fn describe<I: OperationInput, O: OperationOutput>(ctx: &mut GenContext) -> Operation {
    let mut operation = Operation::default();
    I::operation_input(ctx, &mut operation);
    let responses = O::inferred_responses(ctx, &mut operation);
    crate::openapi::add_responses(&mut operation, responses);
    let early = I::inferred_early_responses(ctx, &mut operation);
    crate::openapi::add_responses(&mut operation, early);
    operation
}
