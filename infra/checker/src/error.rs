//! What keeps the checker from looking.

use std::error::Error;

/// Why nothing could be told.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// AWS, or the local cloud in its place, did not answer as it should.
    #[error("{0}")]
    Aws(String),
    /// The public API or the control port did not.
    #[error("{0}")]
    Http(String),
}

impl CheckError {
    /// What an AWS call failed with, down to the cause.
    pub(crate) fn aws(what: &str, error: &dyn Error) -> Self {
        let hint = match said(error) {
            text if text.contains("ResourceNotFound") => format!("{text}; is the stage right?"),
            text => text,
        };
        CheckError::Aws(format!("{what}: {hint}"))
    }
}

/// An error with all its causes.
pub(crate) fn said(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", said(cause)),
        None => error.to_string(),
    }
}
