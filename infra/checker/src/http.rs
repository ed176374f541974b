//! Reading by HTTP: the public API and the control port. What is read comes in the API's envelope.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::CheckError;
use crate::error::said;

/// A client that waits when it is told to.
#[derive(Clone, Debug)]
pub(crate) struct Http(Client);

/// So often a request that was put off is sent again; the longest wait that a rate limit names is its minute.
const TRIES: usize = 6;
const WAIT_MAX: Duration = Duration::from_secs(61);
const TIMEOUT: Duration = Duration::from_secs(40);

impl Http {
    pub fn new() -> Result<Self, CheckError> {
        let client = Client::builder().timeout(TIMEOUT).build();
        client.map(Http).map_err(|error| CheckError::Http(said(&error)))
    }

    /// `data` of what GET answers with 200.
    pub async fn read(&self, url: &str, token: Option<&str>) -> Result<Value, CheckError> {
        let (status, body) = self.ask(url, token).await?;
        match status {
            StatusCode::OK => Ok(body["data"].clone()),
            _ => Err(CheckError::Http(format!("GET {url}: {status} {}", body["code"].as_str().unwrap_or_default()))),
        }
    }

    /// What GET answers.
    pub async fn ask(&self, url: &str, token: Option<&str>) -> Result<(StatusCode, Value), CheckError> {
        self.patiently(url, || {
            let request = self.0.get(url);
            match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            }
        })
        .await
    }

    /// What POST answers. It is sent again only where the answer says that nothing was done.
    pub async fn tell(&self, url: &str, body: &Value) -> Result<(StatusCode, Value), CheckError> {
        self.patiently(url, || self.0.post(url).json(body)).await
    }

    /// Every element of `data.{list}` of every page.
    pub async fn pages(&self, url: &str, list: &str, token: &str) -> Result<Vec<Value>, CheckError> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if url.contains('?') { '&' } else { '?' };
            let data = self.read(&format!("{url}{joint}limit=100{cursor}"), Some(token)).await?;
            let page = data[list].as_array();
            found.extend(page.ok_or_else(|| CheckError::Http(format!("GET {url}: no {list}")))?.iter().cloned());
            match data["pagination"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(found),
            }
        }
    }

    async fn patiently(
        &self,
        url: &str,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<(StatusCode, Value), CheckError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer =
                request().send().await.map_err(|error| CheckError::Http(format!("{url}: {}", said(&error))))?;
            match put_off(&answer) {
                Some(wait) if tries < TRIES => tokio::time::sleep(wait).await,
                _ => {
                    let status = answer.status();
                    let body = answer.bytes().await.map_err(|error| CheckError::Http(format!("{url}: {error}")))?;
                    return Ok((status, serde_json::from_slice(&body).unwrap_or_default()));
                }
            }
        }
    }
}

/// How long to wait before asking again, where the answer says that nothing was done and that it may be asked again.
fn put_off(answer: &Response) -> Option<Duration> {
    let is_passing = matches!(answer.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    is_passing.then(|| Duration::from_secs(asked.unwrap_or(1)).min(WAIT_MAX))
}
