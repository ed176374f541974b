//! A receiver of webhooks that takes everything.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// What came in.
#[derive(Debug, Clone)]
pub struct Got {
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A receiver of webhooks that takes everything.
pub struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// Listens on a free port until this process ends.
    pub async fn start() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let kept = Arc::clone(&got);
        let router = Router::new().fallback(async move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let got = Got { path: uri.path().to_owned(), headers, body: body.to_vec() };
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(got);
            StatusCode::NO_CONTENT
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Receiver { url: format!("http://{address}"), got })
    }

    /// Where a path of it is.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What came to a path, oldest first.
    pub fn got(&self, path: &str) -> Vec<Got> {
        let got = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        got.iter().filter(|got| got.path == path).cloned().collect()
    }
}

impl Got {
    /// Header `webhook-id`.
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// Whether one of its signatures is of this secret. Its time is not compared with ours: functions may be ahead.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let (Ok(webhook), Ok(at)) = (Webhook::new(secret), self.header("webhook-timestamp").parse()) else {
            return false;
        };
        let signature = webhook.sign(self.id(), at, &self.body);
        signature.is_ok_and(|ours| self.header("webhook-signature").split(' ').any(|theirs| theirs == ours))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
