//! How large things are kept: the only crate that knows S3, linked only where it is used.

mod desk;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::SdkError;

pub use desk::Listed;

/// S3 did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It did not answer; trying again may help.
    #[error("the file storage is not available: {0}")]
    Unavailable(&'static str),
    /// It refused what we asked: a missing right, or no such bucket.
    #[error("the file storage refused with status {0}")]
    Refused(u16),
}

impl BlobError {
    /// Sorts an SDK error: whether trying again may help.
    fn from_sdk<E>(error: &SdkError<E>) -> Self {
        match error {
            SdkError::ServiceError(service) => match service.raw().status().as_u16() {
                500.. => BlobError::Unavailable("an error of its own"),
                status => BlobError::Refused(status),
            },
            SdkError::TimeoutError(_) => BlobError::Unavailable("timeout"),
            SdkError::DispatchFailure(_) => BlobError::Unavailable("no connection"),
            _ => BlobError::Unavailable("no readable answer"),
        }
    }
}

/// The buckets; cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    client: Client,
}

impl Blobs {
    /// A client of the process's AWS settings. No call is made yet; one that gets no answer leaves time for another.
    pub fn connect(config: &SdkConfig) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(6))
            .build();
        Blobs { client: Client::from_conf(Builder::from(config).timeout_config(timeouts).build()) }
    }

    /// Whether `bucket` is there and may be used.
    pub async fn probe(&self, bucket: &str) -> Result<(), BlobError> {
        let answer = self.client.head_bucket().bucket(bucket).send().await;
        answer.map(|_| ()).map_err(|error| BlobError::from_sdk(&error))
    }
}
