//! What a schedule invokes, alone or beside a queue.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::FromRef;
use futures::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::App;
use crate::around::panic_message;
use crate::batch::{answer_messages, log_run};
use crate::problem::Problem;
use crate::run::LambdaResult;

/// A batch of SQS holds records; nothing that a schedule sends does.
pub async fn answer_schedule_or_messages<S, E, T, M, FS, RS, FM, RM>(
    state: &S,
    event: Value,
    on_schedule: FS,
    on_message: FM,
) -> LambdaResult<Value>
where
    S: Clone,
    App: FromRef<S>,
    E: DeserializeOwned,
    T: Serialize,
    M: DeserializeOwned,
    FS: FnOnce(S, E) -> RS,
    RS: Future<Output = Result<T, Problem>>,
    FM: Fn(S, M) -> RM,
    RM: Future<Output = Result<(), Problem>>,
{
    if event.get("Records").is_some() {
        let batch = serde_json::from_value(event)?;
        return Ok(serde_json::to_value(answer_messages(state, batch, on_message).await)?);
    }
    let event = serde_json::from_value(event)?;
    Ok(serde_json::to_value(answer_schedule(state, on_schedule(state.clone(), event)).await?)?)
}

/// What a scheduled invocation answers; a failure or a panic fails the invocation, and Lambda tries again.
pub async fn answer_schedule<S, T>(state: &S, handled: impl Future<Output = Result<T, Problem>>) -> LambdaResult<T>
where
    App: FromRef<S>,
{
    let started = Instant::now();
    let outcome = match AssertUnwindSafe(handled).catch_unwind().await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(problem)) => Err(problem.cause.unwrap_or(problem.failure.message)),
        Err(panic) => Err(panic_message(panic.as_ref())),
    };
    log_run(&App::from_ref(state), started, outcome.as_ref().err());
    outcome.map_err(Into::into)
}
