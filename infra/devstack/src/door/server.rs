//! Connections of the front door.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Door;
use crate::process::stop::Stopping;

/// Above what the gateway takes, so that it is us who refuse, with its words.
const READ_BUFFER_BYTES: usize = 64 * 1024;
/// The gateway counts bytes, not headers.
const MAX_HEADERS: usize = 2_000;
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open requests may go on once we are told to stop.
const DRAIN: Duration = Duration::from_secs(2);

impl Door {
    /// Serves until the stack stops; requests under way get two seconds more.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, mut stopping: Stopping) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        connections.spawn(connection(self.clone(), stream, peer, stopping.clone()));
                    }
                    // Out of file handles, most likely: some will be free in a moment.
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
                () = stopping.stopped() => break,
            }
        }
        drop(listener);
        let drained = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::debug!("requests were cut off");
        }
    }
}

async fn connection(door: Arc<Door>, stream: TcpStream, peer: SocketAddr, mut stopping: Stopping) {
    // Answers are small and whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let door = door.clone();
        async move { Ok::<_, Infallible>(door.answer(request, peer.ip()).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(READ_BUFFER_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        served = serving.as_mut() => log_end(served),
        () = stopping.stopped() => {
            serving.as_mut().graceful_shutdown();
            log_end(serving.await);
        }
    }
}

fn log_end(served: Result<(), hyper::Error>) {
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}
