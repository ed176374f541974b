//! `If-Match`: change it only if it is still what I saw.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::FromRequestParts;
use domain::{Code, Failure};
use http::header;
use http::request::Parts;

use crate::openapi::refusal;
use crate::problem::Problem;

/// The versions that the caller accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// No header, or `*`: whatever is there.
    Any,
    /// One of these entity tags.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Fails when `version` is none that the caller accepts.
    pub fn check(&self, version: u64) -> Result<(), Failure> {
        let current = format!("\"{version}\"");
        match self {
            IfMatch::OneOf(tags) if !tags.contains(&current) => {
                Err(Failure::new(Code::PreconditionFailed, "Somebody has changed this meanwhile: read it again"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the caller named a version.
    pub fn is_given(&self) -> bool {
        matches!(self, IfMatch::OneOf(_))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(IfMatch::Any) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(IfMatch::Any);
        }
        Ok(IfMatch::OneOf(text.split(',').map(|tag| tag.trim().to_owned()).collect()))
    }
}

impl OperationInput for IfMatch {
    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(412), refusal(&[Code::PreconditionFailed]))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_that_was_seen_passes() {
        let seen = IfMatch::OneOf(vec!["\"3\"".into(), "\"4\"".into()]);
        assert!(seen.check(4).is_ok());
        assert_eq!(seen.check(5).unwrap_err().code, Code::PreconditionFailed);
        assert!(IfMatch::OneOf(vec!["W/\"4\"".into()]).check(4).is_err());
        assert!(IfMatch::Any.check(9).is_ok());
    }
}
