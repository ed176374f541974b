//! Where a caller stands, for the headers of the answer.

use std::sync::{Arc, Mutex, PoisonError};

use domain::rate::Window;
use http::{HeaderMap, HeaderName, HeaderValue};

/// What one counter says of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub limit: u32,
    pub left: u32,
    pub window: Window,
}

/// Where the caller of one request stands; where two counters apply, the one with less left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standings(Arc<Mutex<Option<Standing>>>);

impl Standings {
    pub fn note(&self, standing: Standing) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none_or(|known| standing.left < known.left) {
            *known = Some(standing);
        }
    }

    pub fn add_headers(&self, headers: &mut HeaderMap) {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(standing) = known else { return };
        headers.insert(HeaderName::from_static("x-ratelimit-limit"), HeaderValue::from(standing.limit));
        headers.insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(standing.left));
        headers.insert(HeaderName::from_static("x-ratelimit-reset"), HeaderValue::from(standing.window.ends_at()));
    }
}
