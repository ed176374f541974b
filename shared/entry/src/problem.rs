//! Failures become HTTP here and nowhere else.

use axum::response::{IntoResponse, Response};
use domain::{Code, Failure};
use http::StatusCode;
use store::{StoreError, WriteError};

use crate::envelope::Outcome;

/// Why a handler did not answer: what the caller is told, and what the log is told.
#[derive(Debug)]
pub struct Problem {
    /// For the caller.
    pub failure: Failure,
    /// For the log alone.
    pub cause: Option<String>,
}

impl Problem {
    /// A defect of ours, whose cause only the log learns.
    pub fn internal(cause: impl ToString) -> Self {
        Problem { failure: Failure::new(Code::Internal, "Something went wrong here"), cause: Some(cause.to_string()) }
    }
}

/// The status of a code.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::Validation | Code::TokenInvalid | Code::MfaCodeInvalid | Code::WebhookSignatureInvalid => {
            StatusCode::BAD_REQUEST
        }
        Code::AuthenticationFailed | Code::TokenExpired | Code::RefreshTokenReused => StatusCode::UNAUTHORIZED,
        Code::InsufficientFunds => StatusCode::PAYMENT_REQUIRED,
        Code::ReauthenticationFailed
        | Code::AuthorizationFailed
        | Code::SessionRequired
        | Code::InsufficientScope
        | Code::EmailNotVerified
        | Code::AccountDisabled
        | Code::SelfApproval => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::Conflict
        | Code::EmailTaken
        | Code::UsernameTaken
        | Code::LastAdministrator
        | Code::MfaAlreadyEnabled
        | Code::QuotaExceeded
        | Code::RefundExceedsPayment
        | Code::PaymentNotRefundable
        | Code::ReversalExceeds
        | Code::QuoteExpired
        | Code::QuoteUsed => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::AccountLocked | Code::WalletFrozen => StatusCode::LOCKED,
        Code::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unavailable | Code::GatewayUnavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Problem { failure, cause: None }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Problem { failure: Failure::from(&error), cause: Some(error.to_string()) }
    }
}

/// A refusal by condition becomes the failure that it stands for.
impl<E> From<WriteError<E>> for Problem
where
    Failure: From<E>,
{
    fn from(error: WriteError<E>) -> Self {
        match error {
            WriteError::Refused(refusal) => Failure::from(refusal).into(),
            WriteError::Store(error) => error.into(),
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Problem::internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status(self.failure.code).into_response();
        response.extensions_mut().insert(Outcome::Failure(self.failure, self.cause));
        response
    }
}

impl aide::OperationOutput for Problem {
    type Inner = Self;
}
