//! The Lambda Invoke API, as AWS SDKs speak it.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    InvokeError, Runtime,
    body::{self, BodyError},
    connection::without_delay,
    job::Job,
};

/// Largest X-Amz-Client-Context in bytes of base64, as on AWS.
const MAX_CLIENT_CONTEXT_BYTES: usize = 3_583;

/// Serves until the plane stops. Errors: the listener is not on a loopback address.
pub(crate) async fn serve(runtime: Runtime, listener: TcpListener) -> std::io::Result<()> {
    if !listener.local_addr()?.ip().is_loopback() {
        let message = "the Invoke API knows no callers, so it is for this machine only";
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, message));
    }
    let plane = runtime.plane().clone();
    let routes = Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .fallback(async || refusal(StatusCode::NOT_FOUND, "UnknownOperationException", "only Invoke is served"))
        .layer(middleware::from_fn(refuse_browsers))
        .with_state(runtime);
    tokio::select! {
        served = axum::serve(without_delay(listener), routes) => served,
        () = plane.stopped() => Ok(()),
    }
}

/// Any page in the developer's browser could post here; SDKs never send an Origin.
async fn refuse_browsers(request: Request<Body>, next: Next) -> Response {
    if request.headers().contains_key(http::header::ORIGIN) {
        return refusal(StatusCode::FORBIDDEN, "AccessDeniedException", "not for browsers");
    }
    next.run(request).await
}

async fn invoke(State(runtime): State<Runtime>, Path(name): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let name = plain_name(&name).to_owned();
    let payload = match body::read(body).await {
        Ok(payload) => payload,
        Err(BodyError::TooLarge) => return answer(Err(InvokeError::TooLarge)),
        Err(BodyError::Broken) => return invalid("the request body ended early"),
    };
    let context = match client_context(&headers) {
        Ok(context) => context,
        Err(message) => return invalid(message),
    };
    let (job, answered) = match Job::new(payload, context.as_ref(), header(&headers, "x-amzn-trace-id")) {
        Ok(job) => job,
        Err(error) => return answer(Err(error)),
    };
    let request_id = job.id.clone();
    let response = match header(&headers, "x-amz-invocation-type").as_deref() {
        None | Some("RequestResponse") => match runtime.plane().submit(&name, job) {
            Ok(()) => answer(answered.await.unwrap_or(Err(InvokeError::Stopped))),
            Err(error) => answer(Err(error)),
        },
        Some("Event") => match runtime.plane().submit(&name, job) {
            Ok(()) => {
                tokio::spawn(async move { log_failure(&name, answered.await) });
                StatusCode::ACCEPTED.into_response()
            }
            Err(error) => answer(Err(error)),
        },
        Some("DryRun") if runtime.plane().function(&name).is_some() => StatusCode::NO_CONTENT.into_response(),
        Some("DryRun") => answer(Err(InvokeError::UnknownFunction(name))),
        Some(_) => refusal(StatusCode::BAD_REQUEST, "InvalidParameterValueException", "unknown invocation type"),
    };
    with_header(response, "x-amzn-requestid", &request_id)
}

/// Nobody hears the outcome of an `Event` but the log.
fn log_failure<E>(name: &str, answer: Result<Result<bytes::Bytes, InvokeError>, E>) {
    if let Ok(Err(error)) = answer {
        tracing::warn!(function = name, %error, "an event invocation failed");
    }
}

fn answer(outcome: Result<bytes::Bytes, InvokeError>) -> Response {
    let error = match outcome {
        Ok(payload) => return with_header(json_bytes(payload), "x-amz-executed-version", "$LATEST"),
        Err(error) => error,
    };
    if let Some(document) = error.function_error() {
        let response = with_header(Json(document).into_response(), "x-amz-executed-version", "$LATEST");
        return with_header(response, "x-amz-function-error", "Unhandled");
    }
    let (status, kind) = match &error {
        InvokeError::UnknownFunction(_) => (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
        InvokeError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException"),
        InvokeError::InvalidPayload(_) => (StatusCode::BAD_REQUEST, "InvalidRequestContentException"),
        InvokeError::Throttled => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "ServiceException"),
    };
    refusal(status, kind, &error.to_string())
}

fn invalid(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
}

/// An error as SDKs of the rest-json protocol read it: the kind in a header.
fn refusal(status: StatusCode, kind: &str, message: &str) -> Response {
    let document = json!({ "Type": "User", "Message": message, "message": message });
    with_header((status, Json(document)).into_response(), "x-amzn-errortype", kind)
}

fn json_bytes(payload: bytes::Bytes) -> Response {
    ([(http::header::CONTENT_TYPE, "application/json")], payload).into_response()
}

fn with_header(mut response: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn client_context(headers: &HeaderMap) -> Result<Option<Value>, &'static str> {
    let Some(encoded) = headers.get("x-amz-client-context") else { return Ok(None) };
    if encoded.len() > MAX_CLIENT_CONTEXT_BYTES {
        return Err("the client context is larger than 3583 bytes");
    }
    let decoded = BASE64_STANDARD.decode(encoded).map_err(|_| "the client context is not base64")?;
    serde_json::from_slice(&decoded).map(Some).map_err(|_| "the client context is not JSON")
}

/// `name`, `name:qualifier`, `account:function:name` and ARNs mean the function `name`: there is only one version.
fn plain_name(given: &str) -> &str {
    let after = given.rsplit_once("function:").map_or(given, |(_, name)| name);
    after.split(':').next().unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn all_ways_to_name_a_function() {
        for given in [
            "auth",
            "auth:$LATEST",
            "123456789012:function:auth",
            "arn:aws:lambda:eu-west-1:123456789012:function:auth",
            "arn:aws:lambda:eu-west-1:123456789012:function:auth:live",
        ] {
            assert_eq!(plain_name(given), "auth", "{given}");
        }
    }
}
