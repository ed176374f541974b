//! What can go wrong below a decision.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::{Code, Failure};

/// The store did not do what it was asked, for a reason that is nobody's decision.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It did not answer, or asked to be left alone; trying again may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// It refused what we asked: a defect of ours or a missing right.
    #[error("the database refused: {0}")]
    Refused(String),
    /// An item cannot be read as what its key says it is.
    #[error("an item cannot be read: {0}")]
    Corrupt(String),
}

/// A conditional write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// Its condition did not hold; `E` names what that means.
    #[error("refused by condition")]
    Refused(E),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const PASSING: [&str; 8] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
    "LimitExceededException",
];

impl StoreError {
    /// Sorts an SDK error: whether trying again may help.
    pub(crate) fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("unknown");
                let message = service.err().message().unwrap_or_default();
                // What stands in front of the service fails without a code that anybody knows, and a success that cannot be read
                // may be one. Only what says that the request is at fault is a refusal.
                match PASSING.contains(&code) || !service.raw().status().is_client_error() {
                    true => StoreError::Unavailable(code.to_owned()),
                    false => StoreError::Refused(format!("{code}: {message}")),
                }
            }
            SdkError::ConstructionFailure(_) => StoreError::Refused("the request could not be made".into()),
            SdkError::TimeoutError(_) => StoreError::Unavailable("timeout".into()),
            SdkError::DispatchFailure(_) => StoreError::Unavailable("no connection".into()),
            _ => StoreError::Unavailable("no readable answer".into()),
        }
    }
}

/// Callers learn that it failed and whether to come back, never why.
impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                Failure::new(Code::Unavailable, "The service is busy, try again shortly").retry_after(1)
            }
            StoreError::Refused(_) | StoreError::Corrupt(_) => {
                Failure::new(Code::Internal, "Something went wrong here")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    use super::*;

    fn sorted(status: u16) -> StoreError {
        let response = HttpResponse::new(status.try_into().unwrap(), "<html></html>".into());
        StoreError::from_sdk(&SdkError::service_error(GetItemError::unhandled("no code"), response))
    }

    #[test]
    fn what_fails_without_a_code_is_worth_another_try_when_it_is_not_our_fault() {
        assert!(matches!(sorted(500), StoreError::Unavailable(_)));
        assert!(matches!(sorted(503), StoreError::Unavailable(_)));
        assert!(matches!(sorted(200), StoreError::Unavailable(_)));
        assert!(matches!(sorted(400), StoreError::Refused(_)));
    }
}
