//! Why the tool could not do what it was asked, in sentences for the person who asked.

use blobs::BlobError;
use checker::CheckError;
use entry::keys::BadKeys;
use queue::QueueError;
use store::StoreError;

/// Why a command did nothing, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// It must not, in this state of things.
    #[error("{0}")]
    Refused(String),
    /// No way to AWS.
    #[error("{0}")]
    NoWay(&'static str),
    /// The tables.
    #[error("{0}; is the stage right, and may these credentials read it?")]
    Store(#[from] StoreError),
    /// A queue.
    #[error("{0}; is the stage right, and may these credentials use it?")]
    Queue(#[from] QueueError),
    /// The bucket.
    #[error("{0}; is the stage right, and may these credentials read it?")]
    Blob(#[from] BlobError),
    /// What the checker looks by.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Keys that were given.
    #[error("these keys cannot be used: {0}")]
    Keys(#[from] BadKeys),
    /// Something that must be JSON.
    #[error("this cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}
