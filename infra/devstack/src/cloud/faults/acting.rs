//! What a fault does to a call.

use super::super::call::Call;
use super::fault::Fault;
use super::{Faults, wire};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use http::header;
use std::io;
use std::time::Duration;

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut off on purpose")]
pub(crate) struct Cut;

/// How long a call hangs whose caller would be dead, were it a process; whoever plays it drops the call long before.
const UNHEARD: Duration = Duration::from_secs(30);
/// Time for the first half of an answer to leave.
const HALF_WAY: Duration = Duration::from_millis(20);

/// Executes a call, or does to it what was decided about it. `request` is its body.
pub(crate) async fn answer<F, A>(faults: &Faults, call: &Call, request: &Bytes, execute: F) -> Result<Response, Cut>
where
    F: Fn() -> A,
    A: Future<Output = Response>,
{
    let Some(fault) = faults.meet(call) else {
        return Ok(execute().await);
    };
    match fault {
        Fault::Refuse(refusal) => Ok(wire::refusal(call, request, &refusal)),
        Fault::Status(status) => Ok(wire::bare(status)),
        Fault::Lose => {
            execute().await;
            Err(Cut)
        }
        Fault::Duplicate => {
            execute().await;
            Ok(execute().await)
        }
        Fault::Delay(time) => {
            let answer = execute().await;
            tokio::time::sleep(time).await;
            Ok(answer)
        }
        Fault::Truncate => halved(execute().await).await,
        Fault::Garble => Ok(wire::garbage(&execute().await)),
        Fault::KillBefore => Err(die(faults, call).await),
        Fault::KillAfter => {
            execute().await;
            Err(die(faults, call).await)
        }
    }
}

/// The head of an answer with its full length, half of its body, and the end of the connection.
async fn halved(answer: Response) -> Result<Response, Cut> {
    let (mut head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| Cut)?;
    // Nothing has no half.
    if body.is_empty() {
        return Err(Cut);
    }
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let half = body.slice(..body.len() / 2);
    let end = async {
        tokio::time::sleep(HALF_WAY).await;
        Err::<Bytes, _>(io::Error::other(Cut))
    };
    let bytes = stream::iter([Ok(half)]).chain(stream::once(end));
    Ok(Response::from_parts(head, Body::from_stream(bytes)))
}

/// Kills the caller. A caller that is no process of ours is left without an answer, for what plays it to stop.
async fn die(faults: &Faults, call: &Call) -> Cut {
    if !faults.kill(call) {
        tokio::time::sleep(UNHEARD).await;
    }
    Cut
}

impl Cut {
    /// The same for a server that takes nothing but answers: one whose body fails before anything of it was sent, upon which
    /// hyper ends the connection without a word.
    pub(crate) fn into_failing_answer(self) -> Response {
        Response::new(Body::from_stream(stream::once(async { Err::<Bytes, _>(io::Error::other(self)) })))
    }
}
