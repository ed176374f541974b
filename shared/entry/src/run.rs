//! The entry points: one line of `main.rs` each. Handlers' futures are boxed here, where they enter Lambda's runtime:
//! unboxed, the types of a whole function nest deeper than the compiler follows.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use aws_lambda_events::event::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::sqs::SqsEvent;
use axum::extract::FromRef;
use domain::{Code, Failure, Time};
use futures::FutureExt;
use http::{HeaderValue, StatusCode, header};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent, Service, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::{App, Start};
use crate::around::serve;
use crate::aws::Aws;
use crate::batch::{answer_messages, answer_records};
use crate::envelope::Outcome;
use crate::environment::{Environment, StartError};
use crate::problem::Problem;
use crate::records::Record;
use crate::routes::Routes;
use crate::scheduled::{answer_schedule, answer_schedule_or_messages};

pub(crate) type LambdaResult<T> = Result<T, lambda_runtime::Error>;

/// Serves HTTP requests of API Gateway (HTTP API, payload 2.0).
pub fn http<S: Start>(routes: Routes<S>) -> ExitCode
where
    App: FromRef<S>,
{
    run(async |state: S| {
        let app = App::from_ref(&state);
        let service = Adapter::from(serve(routes, state));
        lambda_runtime::run(service_fn(move |event: LambdaEvent<LambdaRequest>| {
            app.heed_clock(&event.context);
            let mut service = service.clone();
            async move { Ok::<_, lambda_runtime::Error>(answer_request(&mut service, event).await) }
        }))
        .await
    })
}

/// Handles messages of an SQS queue, each on its own; `M` is the JSON of a message's body.
pub fn sqs<S, M, F, R>(handle: F) -> ExitCode
where
    S: Start,
    App: FromRef<S>,
    M: DeserializeOwned,
    F: Fn(S, M) -> R + Copy,
    R: Future<Output = Result<(), Problem>>,
{
    run(async |state: S| {
        let state = &state;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
            App::from_ref(state).heed_clock(&event.context);
            let answered = Box::pin(answer_messages(state, event.payload, handle));
            async move { Ok::<_, lambda_runtime::Error>(answered.await) }
        }))
        .await
    })
}

/// Handles the events of table core's stream; `handle` answers the records that it could not deliver.
pub fn stream<S, F, R>(handle: F) -> ExitCode
where
    S: Start,
    App: FromRef<S>,
    F: Fn(S, Vec<Record>) -> R + Copy,
    R: Future<Output = Vec<(String, Problem)>>,
{
    run(async |state: S| {
        let state = &state;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<StreamEvent>| {
            App::from_ref(state).heed_clock(&event.context);
            let answered = Box::pin(answer_records(state, event.payload, handle));
            async move { Ok::<_, lambda_runtime::Error>(answered.await) }
        }))
        .await
    })
}

/// Handles a schedule's event; what `handle` answers is the invocation's result.
pub fn schedule<S, E, T, F, R>(handle: F) -> ExitCode
where
    S: Start,
    App: FromRef<S>,
    E: DeserializeOwned,
    T: Serialize,
    F: Fn(S, E) -> R + Copy,
    R: Future<Output = Result<T, Problem>>,
{
    run(async |state: S| {
        let state = &state;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<E>| {
            App::from_ref(state).heed_clock(&event.context);
            Box::pin(answer_schedule(state, handle(state.clone(), event.payload)))
        }))
        .await
    })
}

/// Handles a schedule's event with `on_schedule` and messages of an SQS queue with `on_message`: one function that finds
/// work and does it.
pub fn schedule_and_sqs<S, E, T, M, FS, RS, FM, RM>(on_schedule: FS, on_message: FM) -> ExitCode
where
    S: Start,
    App: FromRef<S>,
    E: DeserializeOwned,
    T: Serialize,
    M: DeserializeOwned,
    FS: Fn(S, E) -> RS + Copy,
    RS: Future<Output = Result<T, Problem>>,
    FM: Fn(S, M) -> RM + Copy,
    RM: Future<Output = Result<(), Problem>>,
{
    run(async |state: S| {
        let state = &state;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            App::from_ref(state).heed_clock(&event.context);
            Box::pin(answer_schedule_or_messages(state, event.payload, on_schedule, on_message))
        }))
        .await
    })
}

/// Starts the state on a runtime of one thread, since a function handles one event at a time, and serves until Lambda
/// ends the process.
fn run<S: Start>(serve: impl AsyncFnOnce(S) -> LambdaResult<()>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed_to_start(&error),
    };
    runtime.block_on(async {
        let state = match start::<S>().await {
            Ok(state) => state,
            Err(error) => return failed_to_start(&error),
        };
        match serve(state).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed_to_start(&error),
        }
    })
}

async fn start<S: Start>() -> Result<S, StartError> {
    let aws = Aws::load().await;
    S::start(&Environment::of_process(), &aws).await
}

fn failed_to_start(error: &dyn std::fmt::Display) -> ExitCode {
    crate::log::start_failed(error);
    ExitCode::FAILURE
}

/// Either what the service answered, or what was said in its place.
#[derive(Serialize)]
#[serde(untagged)]
enum Answered<R> {
    Served(R),
    Refused(Box<ApiGatewayV2httpResponse>),
}

/// Turning an event into a request panics on nonsense in Host, in forwarding headers or in the path; that is the
/// caller's mistake and must not take the process with it. Nothing of ours reads Host, so it is left out beforehand.
async fn answer_request<S>(service: &mut S, mut event: LambdaEvent<LambdaRequest>) -> Answered<S::Response>
where
    S: Service<LambdaEvent<LambdaRequest>>,
{
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        request.headers.remove(header::HOST);
        request.request_context.domain_name = None;
        request.raw_path = request.raw_path.take().map(|path| encoded(&path));
    }
    let Ok(call) = std::panic::catch_unwind(AssertUnwindSafe(|| service.call(event))) else {
        return refused(Failure::new(Code::Validation, "The request cannot be read"), StatusCode::BAD_REQUEST);
    };
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(response)) => Answered::Served(response),
        _ => refused(Failure::new(Code::Internal, "Something went wrong here"), StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn refused<R>(failure: Failure, status: StatusCode) -> Answered<R> {
    let now = Time::from_millis(jiff::Timestamp::now().as_millisecond());
    let body = Outcome::Failure(failure, None).write(status, "none", now);
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.body = Some(lambda_http::Body::Text(String::from_utf8_lossy(&body).into_owned()));
    Answered::Refused(Box::new(response))
}

/// HTTP APIs hand over the path percent-decoded, which no URI may hold: what is not plain is encoded again.
fn encoded(path: &str) -> String {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"/-._~:@!$&'()*+,;=".contains(&c);
    let mut text = String::with_capacity(path.len());
    for c in path.bytes() {
        match is_plain(c) {
            true => text.push(char::from(c)),
            false => text.push_str(&format!("%{c:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_path_is_encoded_again() {
        assert_eq!(encoded("/api/v1/users/usr_1"), "/api/v1/users/usr_1");
        assert_eq!(encoded("/a b?c#d%é"), "/a%20b%3Fc%23d%25%C3%A9");
    }
}
