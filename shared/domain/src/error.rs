//! Failures as callers see them: a stable code, a sentence, and details per field. Free of HTTP: `entry` maps codes to
//! status numbers in one place.

use serde::Serialize;

/// Why a request failed, as a stable code that clients may match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request breaks a rule of its shape; `details` says which.
    Validation,
    /// A one-time token is unknown, used, void or too old.
    TokenInvalid,
    /// A code of the second factor is wrong, too old, or was used before.
    MfaCodeInvalid,
    /// What came in a gateway's name was not signed by it, or not lately.
    WebhookSignatureInvalid,
    /// Who is calling could not be established.
    AuthenticationFailed,
    /// The access token is genuine but too old: refresh it.
    TokenExpired,
    /// A refresh token was used after it had been replaced; its session has ended.
    RefreshTokenReused,
    /// The wallet does not have so much to spend.
    InsufficientFunds,
    /// The password or code that an act asks for again is wrong.
    ReauthenticationFailed,
    /// The caller is known and may not do this.
    AuthorizationFailed,
    /// An API key came where only a person who is signed in may act.
    SessionRequired,
    /// The API key was not made for this.
    InsufficientScope,
    /// The address has not been confirmed yet.
    EmailNotVerified,
    /// The password is right; the account has been disabled.
    AccountDisabled,
    /// Whoever asked for it, or whose money it is, does not decide it.
    SelfApproval,
    /// There is no such thing, or it is somebody else's.
    NotFound,
    /// The path exists, not with this method.
    MethodNotAllowed,
    /// The state of the object does not allow this.
    Conflict,
    /// The address belongs to somebody else.
    EmailTaken,
    /// The username belongs to somebody else.
    UsernameTaken,
    /// One administrator must always be left.
    LastAdministrator,
    /// There is a second factor already.
    MfaAlreadyEnabled,
    /// There are as many as there may be.
    QuotaExceeded,
    /// Less of the payment is left than is asked back.
    RefundExceedsPayment,
    /// The payment has no money that could go back, or its time for that is over.
    PaymentNotRefundable,
    /// Less of the transaction is left than is to be taken back.
    ReversalExceeds,
    /// The price was held for a while, which is over.
    QuoteExpired,
    /// The price was used.
    QuoteUsed,
    /// `If-Match` names another version.
    PreconditionFailed,
    /// The body is larger than this endpoint takes.
    PayloadTooLarge,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// Too many guesses; the lock ends by itself.
    AccountLocked,
    /// The wallet's status does not let money move this way.
    WalletFrozen,
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
    /// Too many requests; the limit is renewed every minute.
    RateLimitExceeded,
    /// A defect of ours.
    Internal,
    /// Something we depend on does not answer; try again later.
    Unavailable,
    /// The payment gateway does not answer; the same key continues later.
    GatewayUnavailable,
}

impl Code {
    /// Every code there is, in the order of docs/API.md.
    pub const ALL: &[Code] = &[
        Code::Validation,
        Code::TokenInvalid,
        Code::MfaCodeInvalid,
        Code::WebhookSignatureInvalid,
        Code::AuthenticationFailed,
        Code::TokenExpired,
        Code::RefreshTokenReused,
        Code::InsufficientFunds,
        Code::ReauthenticationFailed,
        Code::AuthorizationFailed,
        Code::SessionRequired,
        Code::InsufficientScope,
        Code::EmailNotVerified,
        Code::AccountDisabled,
        Code::SelfApproval,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::Conflict,
        Code::EmailTaken,
        Code::UsernameTaken,
        Code::LastAdministrator,
        Code::MfaAlreadyEnabled,
        Code::QuotaExceeded,
        Code::RefundExceedsPayment,
        Code::PaymentNotRefundable,
        Code::ReversalExceeds,
        Code::QuoteExpired,
        Code::QuoteUsed,
        Code::PreconditionFailed,
        Code::PayloadTooLarge,
        Code::UnsupportedMediaType,
        Code::AccountLocked,
        Code::WalletFrozen,
        Code::IdempotencyMismatch,
        Code::RateLimitExceeded,
        Code::Internal,
        Code::Unavailable,
        Code::GatewayUnavailable,
    ];

    /// The code as it stands in the envelope.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Validation => "VALIDATION_ERROR",
            Code::TokenInvalid => "TOKEN_INVALID",
            Code::MfaCodeInvalid => "MFA_CODE_INVALID",
            Code::WebhookSignatureInvalid => "WEBHOOK_SIGNATURE_INVALID",
            Code::AuthenticationFailed => "AUTHENTICATION_FAILED",
            Code::TokenExpired => "TOKEN_EXPIRED",
            Code::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Code::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Code::ReauthenticationFailed => "REAUTHENTICATION_FAILED",
            Code::AuthorizationFailed => "AUTHORIZATION_FAILED",
            Code::SessionRequired => "SESSION_REQUIRED",
            Code::InsufficientScope => "INSUFFICIENT_SCOPE",
            Code::EmailNotVerified => "EMAIL_NOT_VERIFIED",
            Code::AccountDisabled => "ACCOUNT_DISABLED",
            Code::SelfApproval => "SELF_APPROVAL",
            Code::NotFound => "RESOURCE_NOT_FOUND",
            Code::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Code::Conflict => "CONFLICT",
            Code::EmailTaken => "EMAIL_TAKEN",
            Code::UsernameTaken => "USERNAME_TAKEN",
            Code::LastAdministrator => "LAST_ADMINISTRATOR",
            Code::MfaAlreadyEnabled => "MFA_ALREADY_ENABLED",
            Code::QuotaExceeded => "QUOTA_EXCEEDED",
            Code::RefundExceedsPayment => "REFUND_EXCEEDS_PAYMENT",
            Code::PaymentNotRefundable => "PAYMENT_NOT_REFUNDABLE",
            Code::ReversalExceeds => "REVERSAL_EXCEEDS",
            Code::QuoteExpired => "QUOTE_EXPIRED",
            Code::QuoteUsed => "QUOTE_USED",
            Code::PreconditionFailed => "PRECONDITION_FAILED",
            Code::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Code::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Code::AccountLocked => "ACCOUNT_LOCKED",
            Code::WalletFrozen => "WALLET_FROZEN",
            Code::IdempotencyMismatch => "IDEMPOTENCY_MISMATCH",
            Code::RateLimitExceeded => "RATE_LIMIT_EXCEEDED",
            Code::Internal => "INTERNAL_ERROR",
            Code::Unavailable => "SERVICE_UNAVAILABLE",
            Code::GatewayUnavailable => "GATEWAY_UNAVAILABLE",
        }
    }
}

/// One broken rule of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// The field's path in the request, as `socialLinks[2]`.
    pub field: String,
    /// What is wrong with it, for people.
    pub message: String,
}

/// A refusal that the caller is told about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Failure {
    /// Stable, for programs.
    pub code: Code,
    /// For people; holds nothing secret.
    pub message: String,
    /// Broken rules, field by field.
    pub details: Vec<Detail>,
    /// Seconds after which trying again makes sense.
    pub retry_after_seconds: Option<u64>,
}

impl Failure {
    /// A failure with a sentence for people.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Failure { code, message: message.into(), details: Vec::new(), retry_after_seconds: None }
    }

    /// A validation failure of one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Failure::validation(vec![Detail { field: field.into(), message: message.into() }])
    }

    /// A validation failure with everything that is wrong.
    pub fn validation(details: Vec<Detail>) -> Self {
        Failure { details, ..Failure::new(Code::Validation, "The request is not valid") }
    }

    /// The answer to whatever does not exist or is somebody else's.
    pub fn not_found() -> Self {
        Failure::new(Code::NotFound, "There is no such resource")
    }

    /// Adds the seconds after which trying again makes sense.
    pub fn retry_after(self, seconds: u64) -> Self {
        Failure { retry_after_seconds: Some(seconds), ..self }
    }
}
