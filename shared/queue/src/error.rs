//! What can go wrong on the way to a queue.

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};

/// A queue did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// This function was given no URL for it.
    #[error("queue {0} has no URL here")]
    Unknown(&'static str),
    /// It did not answer, or asked to be left alone; trying again may help.
    #[error("the queue is not available: {0}")]
    Unavailable(String),
    /// It refused what we asked: a defect of ours or a missing right.
    #[error("the queue refused: {0}")]
    Refused(String),
}

const PASSING: [&str; 4] = ["RequestThrottled", "KmsThrottled", "ThrottlingException", "Throttling"];

impl QueueError {
    /// Sorts an SDK error: whether trying again may help.
    pub(crate) fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("unknown");
                // Of a code there are two spellings: the query protocol's has its namespace in front.
                let plain = code.rsplit('.').next().unwrap_or(code);
                match PASSING.contains(&plain) || service.raw().status().as_u16() >= 500 {
                    true => QueueError::Unavailable(code.to_owned()),
                    false => QueueError::Refused(format!("{code}: {}", service.err().message().unwrap_or_default())),
                }
            }
            SdkError::ConstructionFailure(_) => QueueError::Refused("the request could not be made".into()),
            SdkError::TimeoutError(_) => QueueError::Unavailable("timeout".into()),
            SdkError::DispatchFailure(_) => QueueError::Unavailable("no connection".into()),
            _ => QueueError::Unavailable("no readable answer".into()),
        }
    }
}
