//! The API's envelope around the control port's answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::StackError;
use crate::cloud::CloudError;
use crate::sources::RunFailure;

/// A failed request.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

/// `{"success":true,…}` around `data`.
pub fn success(message: &str, data: impl Serialize) -> Response {
    Json(json!({
        "success": true,
        "message": message,
        "data": data,
        "timestamp": now(),
        "statusCode": 200,
    }))
    .into_response()
}

impl Failure {
    pub fn not_found(message: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "RESOURCE_NOT_FOUND", message }
    }

    pub fn bad_request(message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "VALIDATION_ERROR", message }
    }

    pub fn method_not_allowed(message: String) -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, code: "METHOD_NOT_ALLOWED", message }
    }

    pub fn forbidden(message: &str) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "AUTHORIZATION_FAILED", message: message.to_owned() }
    }

    /// Unlike the API's, this one tells the cause: the reader is the developer.
    fn internal(message: String) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "INTERNAL_ERROR", message }
    }
}

impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Self {
        match error {
            CloudError::UnknownQueue(_) | CloudError::NoDeadLetterQueue(_) => Self::not_found(error.to_string()),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<RunFailure> for Failure {
    fn from(error: RunFailure) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Self {
        Self::internal(error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let body = json!({
            "success": false,
            "message": message,
            "code": code,
            "details": [],
            "requestId": uuid::Uuid::now_v7().to_string(),
            "timestamp": now(),
            "statusCode": status.as_u16(),
        });
        (status, Json(body)).into_response()
    }
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
