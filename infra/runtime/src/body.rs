//! Reading request bodies within a limit.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use crate::MAX_PAYLOAD_BYTES;

/// How much of a body that is too large is read and thrown away, in bytes: a client that is still writing would
/// see a broken pipe instead of the answer.
const MAX_DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than [`MAX_PAYLOAD_BYTES`].
    TooLarge,
    /// The connection broke in the middle.
    Broken,
}

/// Reads a body of at most [`MAX_PAYLOAD_BYTES`].
pub(crate) async fn read(mut body: Body) -> Result<Bytes, BodyError> {
    let mut kept = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        seen += data.len();
        if seen > MAX_DISCARDED_BYTES {
            break;
        }
        if seen <= MAX_PAYLOAD_BYTES {
            kept.extend_from_slice(&data);
        }
    }
    if seen > MAX_PAYLOAD_BYTES { Err(BodyError::TooLarge) } else { Ok(kept.freeze()) }
}
