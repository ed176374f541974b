//! Batches of messages and stream records, answered one by one: what fails comes back, the rest does not.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use aws_lambda_events::event::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use axum::extract::FromRef;
use futures::FutureExt;
use futures::future::join_all;
use serde::de::DeserializeOwned;
use serde_dynamo::AttributeValue;

use crate::app::App;
use crate::around::panic_message;
use crate::log::BatchLine;
use crate::problem::Problem;
use crate::records::Record;

/// Handles each message of a batch on its own. One that cannot be read, is refused or panics is reported failed, so
/// that it comes back and at last ends visibly in the dead-letter queue.
pub async fn answer_messages<S, M, F, R>(state: &S, event: SqsEvent, handle: F) -> SqsBatchResponse
where
    S: Clone,
    App: FromRef<S>,
    M: DeserializeOwned,
    F: Fn(S, M) -> R,
    R: Future<Output = Result<(), Problem>>,
{
    let started = Instant::now();
    let messages = event.records.len();
    let outcomes = join_all(event.records.into_iter().map(|message| {
        let id = message.message_id.clone().unwrap_or_default();
        let handled = answer_message(state.clone(), message, &handle);
        async move { (id, caught(handled).await) }
    }))
    .await;
    let failed: Vec<(String, String)> =
        outcomes.into_iter().filter_map(|(id, outcome)| outcome.err().map(|cause| (id, cause))).collect();
    log_batch(&App::from_ref(state), started, messages, &failed);
    let failures = failed.into_iter().map(|(id, _)| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        failure
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.collect();
    response
}

async fn answer_message<S, M, F, R>(state: S, message: SqsMessage, handle: &F) -> Result<(), String>
where
    M: DeserializeOwned,
    F: Fn(S, M) -> R,
    R: Future<Output = Result<(), Problem>>,
{
    let body = message.body.unwrap_or_default();
    let message = serde_json::from_str(&body).map_err(|error| format!("message cannot be read: {error}"))?;
    handle(state, message).await.map_err(|problem| cause(&problem))
}

/// Hands the events of a batch to `handle`, which tells the records it could not deliver. The first failure is
/// reported: the stream resumes there.
pub async fn answer_records<S, F, R>(state: &S, event: StreamEvent, handle: F) -> DynamoDbEventResponse
where
    S: Clone,
    App: FromRef<S>,
    F: FnOnce(S, Vec<Record>) -> R,
    R: Future<Output = Vec<(String, Problem)>>,
{
    let started = Instant::now();
    let count = event.records.len();
    let order: Vec<String> =
        event.records.iter().map(|r| r.change.sequence_number.clone().unwrap_or_default()).collect();
    let mut readable = Vec::with_capacity(count);
    let mut failed: Vec<(String, String)> = Vec::new();
    for (record, sequence) in event.records.iter().zip(&order) {
        match read_record(record, sequence) {
            Ok(record) => readable.push(record),
            Err(cause) => failed.push((sequence.clone(), cause)),
        }
    }
    match AssertUnwindSafe(handle(state.clone(), readable)).catch_unwind().await {
        Ok(undelivered) => {
            failed.extend(undelivered.iter().map(|(sequence, problem)| (sequence.clone(), cause(problem))))
        }
        Err(panic) => {
            let cause = panic_message(panic.as_ref());
            failed.extend(order.iter().map(|sequence| (sequence.clone(), cause.clone())));
        }
    }
    log_batch(&App::from_ref(state), started, count, &failed);
    let first = order.into_iter().find(|sequence| failed.iter().any(|(failed, _)| failed == sequence));
    let failures = first.map(|sequence| {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence);
        failure
    });
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = failures.into_iter().collect();
    response
}

fn read_record(record: &EventRecord, sequence: &str) -> Result<Record, String> {
    let out = match record.change.new_image.get("out") {
        Some(AttributeValue::B(out)) => out,
        // The mapping's filter lets only insertions with events through; without one there is nothing to tell.
        _ => return Ok(Record { sequence: sequence.to_owned(), events: Vec::new() }),
    };
    let events = store::read_events(out).map_err(|error| format!("events cannot be read: {error}"))?;
    Ok(Record { sequence: sequence.to_owned(), events })
}

async fn caught(handled: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|panic| Err(panic_message(panic.as_ref())))
}

fn cause(problem: &Problem) -> String {
    problem.cause.clone().unwrap_or_else(|| problem.failure.to_string())
}

fn log_batch(app: &App, started: Instant, messages: usize, failed: &[(String, String)]) {
    log(app, started, messages, failed.len(), failed.first().map(|(_, cause)| cause));
}

/// The line of a scheduled run, which counts as one message.
pub(crate) fn log_run(app: &App, started: Instant, cause: Option<&String>) {
    log(app, started, 1, cause.iter().len(), cause);
}

fn log(app: &App, started: Instant, messages: usize, failed: usize, cause: Option<&String>) {
    BatchLine {
        now: app.clock.now(),
        function: &app.settings.function,
        messages,
        failed,
        micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        cause: cause.map(String::as_str),
    }
    .write();
}
