//! Limits on how often somebody may call: shared by all instances through table transient, asked as seldom as the class
//! allows (`domain::rate`), told in the headers of the answer.

mod anonymous;
mod limiter;
mod standing;

pub use anonymous::{Anonymous, ByAddress, Meter, Rate, Reading, SigningIn};
pub use limiter::{Limiter, Principal};
pub(crate) use standing::{Standing, Standings};

use aide::openapi::{Operation, Response as Documented};
use domain::Code;
use domain::rate::{Class, WhenSilent};
use serde_json::json;

use crate::openapi::refusal;

/// Says in the document what the route counts as.
pub(crate) fn document(operation: &mut Operation, class: &str) {
    operation.extensions.insert("x-rate-class".to_owned(), json!(class));
}

/// What a counted route may answer before its handler runs.
pub(crate) fn refusals(class: &Class) -> Vec<(Option<u16>, Documented)> {
    let mut refusals = vec![(Some(429), refusal(&[Code::RateLimitExceeded]))];
    if class.when_silent == WhenSilent::Closed {
        refusals.push((Some(503), refusal(&[Code::Unavailable])));
    }
    refusals
}
