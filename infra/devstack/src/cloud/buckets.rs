//! S3: objects as files under the data folder.

mod chunked;

use super::CloudError;
use super::call::text;
use super::tap::{Exchange, mock_request};
use crate::template::Bucket;
use bytes::Bytes;
use http::HeaderMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use winterbaume_core::{FsVfs, MockRequest, MockResponse, MockService, Vfs};
use winterbaume_s3::S3Service;

pub(super) struct Buckets {
    /// Exchanged for an empty one by a reset.
    service: RwLock<Arc<S3Service>>,
    names: Vec<String>,
    folder: Option<PathBuf>,
    address: SocketAddr,
}

impl Buckets {
    pub async fn start(
        data_dir: Option<&Path>,
        address: SocketAddr,
        buckets: &[Bucket],
    ) -> Result<Buckets, CloudError> {
        let folder = data_dir.map(|dir| dir.join("buckets"));
        let buckets = Buckets {
            service: RwLock::new(Arc::new(open(folder.as_deref()).await?)),
            names: buckets.iter().map(|bucket| bucket.name.clone()).collect(),
            folder,
            address,
        };
        buckets.create_missing().await?;
        Ok(buckets)
    }

    pub async fn serve(&self, mut exchange: Exchange) -> MockResponse {
        if let Some(refusal) = refuse_unsigned(&exchange) {
            return refusal;
        }
        if chunked::is_chunked(&exchange.head.headers) {
            match chunked::decode(&exchange.body) {
                Some(body) => exchange.body = body,
                None => return MockResponse::error(400, "IncompleteBody", "The body is cut off."),
            }
            chunked::forget(&mut exchange.head.headers);
        }
        self.service().handle(mock_request(exchange)).await
    }

    pub async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<(), CloudError> {
        let path = format!("{bucket}/{}", escaped(key));
        self.put(&path, Bytes::from(body)).await
    }

    /// Removes all objects.
    pub async fn clear(&self) -> Result<(), CloudError> {
        if let Some(folder) = &self.folder {
            match std::fs::remove_dir_all(folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(super::folder(folder, error));
                }
                _ => {}
            }
        }
        let empty = Arc::new(open(self.folder.as_deref()).await?);
        *self.service.write().unwrap_or_else(PoisonError::into_inner) = empty;
        self.create_missing().await
    }

    async fn create_missing(&self) -> Result<(), CloudError> {
        for name in &self.names {
            let head = self.request("HEAD", name, Bytes::new());
            if self.service().handle(head).await.status != 200 {
                self.put(name, Bytes::new()).await?;
            }
        }
        Ok(())
    }

    async fn put(&self, path: &str, body: Bytes) -> Result<(), CloudError> {
        let answer = self.service().handle(self.request("PUT", path, body)).await;
        if answer.status == 200 {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&answer.body).into_owned();
        Err(CloudError::S3(format!("{path}: {reason}")))
    }

    fn request(&self, method: &str, path: &str, body: Bytes) -> MockRequest {
        MockRequest {
            method: method.to_owned(),
            uri: format!("http://{}/{path}", self.address),
            headers: HeaderMap::new(),
            body,
        }
    }

    fn service(&self) -> Arc<S3Service> {
        Arc::clone(&self.service.read().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn open(folder: Option<&Path>) -> Result<S3Service, CloudError> {
    let Some(folder) = folder else {
        return Ok(S3Service::new());
    };
    let files = FsVfs::new(folder).map_err(|source| super::folder(folder, source))?;
    let files: Arc<dyn Vfs> = Arc::new(files);
    S3Service::recover_with_vfs(files).await.map_err(|error| CloudError::S3(error.to_string()))
}

/// No bucket of ours is public. Signatures are not checked, but that there is one is.
fn refuse_unsigned(exchange: &Exchange) -> Option<MockResponse> {
    let query = exchange.head.uri.query().unwrap_or_default();
    let signed = text(&exchange.head.headers, "authorization").is_some() || query.contains("X-Amz-Signature=");
    if !signed {
        return Some(MockResponse::error(403, "AccessDenied", "Access Denied"));
    }
    expired(query).then(|| MockResponse::error(403, "AccessDenied", "Request has expired"))
}

/// Whether a presigned URL's time is over.
fn expired(query: &str) -> bool {
    let field = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name));
    let (Some(date), Some(seconds)) = (field("X-Amz-Date="), field("X-Amz-Expires=")) else {
        return false;
    };
    let signed_at =
        jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC));
    match (signed_at, seconds.parse::<i64>()) {
        (Ok(at), Ok(seconds)) => jiff::Timestamp::now().as_second() > at.timestamp().as_second() + seconds,
        _ => true,
    }
}

/// The key as part of a path; `/` stays.
fn escaped(key: &str) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presigned_url_ends() {
        assert!(expired("X-Amz-Date=20200101T000000Z&X-Amz-Expires=60"));
        assert!(!expired("X-Amz-Date=29990101T000000Z&X-Amz-Expires=60"));
        assert!(expired("X-Amz-Date=yesterday&X-Amz-Expires=60"));
        assert!(!expired("list-type=2"));
    }
}
