//! What came of an attempt.

use std::error::Error;

use domain::Time;
use domain::identity::webhook::Outcome;
use reqwest::StatusCode;
use reqwest::header::HeaderValue;

use super::TIMEOUT_SECONDS;
use super::resolver::{Inside, Unresolved};

/// What a receiver answered, or why it did not; for its owner to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status, if there was an answer.
    pub status_code: Option<u16>,
    /// The wait that it asked for, in seconds.
    pub retry_after_seconds: Option<u64>,
    /// How long it took.
    pub duration_ms: u64,
    /// Why this is no delivery; nothing when it is one.
    pub error: Option<String>,
}

impl Reply {
    /// There was no answer.
    pub(super) fn unsent(error: String) -> Self {
        Reply { status_code: None, retry_after_seconds: None, duration_ms: 0, error: Some(error) }
    }

    /// Only 2xx is a delivery. The wait that a receiver asks for counts with the two statuses that mean one.
    pub(super) fn answered(status: StatusCode, retry_after: Option<&HeaderValue>, now: Time) -> Self {
        let waits = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let asked = retry_after.filter(|_| waits).and_then(|value| value.to_str().ok());
        Reply {
            status_code: Some(status.as_u16()),
            retry_after_seconds: asked.and_then(|asked| seconds(asked.trim(), now)),
            duration_ms: 0,
            error: (!status.is_success()).then(|| match status.is_redirection() {
                true => format!("answered {}; redirects are not followed", status.as_u16()),
                false => format!("answered {}", status.as_u16()),
            }),
        }
    }

    /// What it does to the delivery.
    pub fn outcome(&self) -> Outcome {
        match (&self.error, self.status_code) {
            (None, _) => Outcome::Taken,
            (Some(_), Some(410)) => Outcome::Gone,
            (Some(_), _) => Outcome::Refused(self.retry_after_seconds),
        }
    }
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3).
fn seconds(asked: &str, now: Time) -> Option<u64> {
    asked.parse().ok().or_else(|| {
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(asked).ok()?;
        u64::try_from(date.as_second() - now.seconds()).ok()
    })
}

/// Why there was no answer, without our own inner life.
pub(super) fn why(error: &reqwest::Error) -> String {
    if find::<Inside>(error).is_some() {
        "the host resolves to a private, local or reserved address".to_owned()
    } else if find::<Unresolved>(error).is_some() {
        "the host cannot be resolved".to_owned()
    } else if error.is_timeout() {
        format!("no answer within {TIMEOUT_SECONDS} seconds")
    } else if let Some(tls) = find::<rustls::Error>(error) {
        format!("TLS failed: {tls}")
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "no readable answer".to_owned()
    }
}

/// A cause of `error` that is an `E`, also one that an I/O error carries.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let carried = |cause: &'a (dyn Error + 'static)| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inner.and_then(|inner| find::<E>(inner))
    };
    let mut cause = Some(error);
    while let Some(this) = cause {
        if let Some(found) = this.downcast_ref::<E>().or_else(|| carried(this)) {
            return Some(found);
        }
        cause = this.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_hundreds_are_deliveries() {
        let now = Time::from_millis(0);
        for (status, outcome) in [
            (200, Outcome::Taken),
            (204, Outcome::Taken),
            (299, Outcome::Taken),
            (101, Outcome::Refused(None)),
            (301, Outcome::Refused(None)),
            (400, Outcome::Refused(None)),
            (410, Outcome::Gone),
            (500, Outcome::Refused(None)),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Reply::answered(status, None, now).outcome(), outcome, "{status}");
        }
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_a_date_and_with_two_statuses_only() {
        let now: Time = "1994-11-06T08:49:00Z".parse().unwrap();
        let asked = |status: u16, value: &'static str| {
            let value = HeaderValue::from_static(value);
            Reply::answered(StatusCode::from_u16(status).unwrap(), Some(&value), now).retry_after_seconds
        };
        assert_eq!(asked(429, "120"), Some(120));
        assert_eq!(asked(503, "Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        for (status, value) in [(500, "120"), (200, "120"), (429, "-1"), (429, "soon"), (429, ""), (429, "1.5")] {
            assert_eq!(asked(status, value), None, "{status} {value}");
        }
        assert_eq!(asked(429, "Sun, 06 Nov 1994 08:00:00 GMT"), None);
    }
}
