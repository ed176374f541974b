//! A caller as real ones are: one that gets no answer, or is told to come again, sends the same again.

use std::fmt::{self, Display};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

/// How long one answer is waited for: the longest timeout of a function, and what the door adds.
const ANSWER_WITHIN: Duration = Duration::from_secs(35);
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sends requests to one API. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    api: String,
}

/// A request that can be sent again as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: Method,
    /// With its query, like `/api/v1/users?limit=5`.
    pub path: String,
    /// An access token or an API key, as bearer.
    pub token: Option<String>,
    /// The Idempotency-Key: the same in all attempts.
    pub key: Option<String>,
    /// The version that If-Match names.
    pub if_match: Option<String>,
    pub body: Option<Value>,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// `Null` when the text is no JSON.
    pub json: Value,
}

/// The request may have been done or not: nobody said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no answer: {0}")]
pub struct NoAnswer(pub String);

/// How long a caller goes on.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    within: Duration,
}

/// What a caller was told in the end.
#[derive(Debug, Clone)]
pub struct Told {
    pub reply: Reply,
    /// How often the request was sent.
    pub attempts: u32,
    /// After how many of them the caller did not know whether it was done: no answer, or 5xx.
    pub lost: u32,
}

/// The caller's patience ended before an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{request} had no final answer in {attempts} attempts, the last: {last}")]
pub struct Unanswered {
    pub request: String,
    pub attempts: u32,
    pub lost: u32,
    pub last: String,
}

impl Client {
    /// For the API at this URL.
    ///
    /// # Errors
    /// When this machine cannot make an HTTP client.
    pub fn new(api: &str) -> Result<Self, String> {
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy().build();
        Ok(Client { http: http.map_err(|error| error.to_string())?, api: api.trim_end_matches('/').to_owned() })
    }

    /// Sends once.
    ///
    /// # Errors
    /// When nothing, or only half of something, comes back.
    pub async fn once(&self, request: &Request) -> Result<Reply, NoAnswer> {
        let no_answer = |error: reqwest::Error| NoAnswer(error.without_url().to_string());
        let mut sent = self.http.request(request.method.clone(), format!("{}{}", self.api, request.path));
        if let Some(token) = &request.token {
            sent = sent.bearer_auth(token);
        }
        for (name, value) in [("idempotency-key", &request.key), ("if-match", &request.if_match)] {
            if let Some(value) = value {
                sent = sent.header(HeaderName::from_static(name), value);
            }
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        let response = sent.send().await.map_err(no_answer)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.map_err(no_answer)?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Reply { status, headers, text, json })
    }

    /// Sends until somebody says what became of it: again after no answer, 5xx, 429, and 409 with Retry-After.
    ///
    /// # Errors
    /// When patience ends first; what the request did is then unknown, unless `lost` is 0.
    pub async fn until_answered(&self, request: &Request, patience: Patience) -> Result<Told, Unanswered> {
        let began = Instant::now();
        let (mut attempts, mut lost, mut pause) = (0, 0, FIRST_PAUSE);
        loop {
            attempts += 1;
            let answer = self.once(request).await;
            let (asked, last) = match &answer {
                Ok(reply) if !reply.asks_to_come_again() => return Ok(Told { reply: reply.clone(), attempts, lost }),
                Ok(reply) => (reply.retry_after(), reply.to_string()),
                Err(no_answer) => (None, no_answer.to_string()),
            };
            lost += u32::from(answer.is_err() || answer.is_ok_and(|reply| reply.status >= 500));
            let wait = asked.unwrap_or_default().max(pause);
            if began.elapsed() + wait > patience.within {
                return Err(Unanswered { request: request.to_string(), attempts, lost, last });
            }
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Request {
    /// A request without token, key and body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Request { method, path: path.into(), token: None, key: None, if_match: None, body: None }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Request::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Request { body: Some(body), ..Request::new(Method::POST, path) }
    }

    pub fn token(self, token: impl Into<String>) -> Self {
        Request { token: Some(token.into()), ..self }
    }

    pub fn key(self, key: impl Into<String>) -> Self {
        Request { key: Some(key.into()), ..self }
    }

    pub fn if_match(self, version: impl Into<String>) -> Self {
        Request { if_match: Some(version.into()), ..self }
    }
}

/// Without query and secrets.
impl Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path.split('?').next().unwrap_or_default())
    }
}

impl Reply {
    /// 2xx.
    pub fn is_success(&self) -> bool {
        StatusCode::from_u16(self.status).is_ok_and(|status| status.is_success())
    }

    /// The code of a failure in the envelope, or nothing.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// What the envelope holds.
    pub fn data(&self) -> &Value {
        &self.json["data"]
    }

    fn asks_to_come_again(&self) -> bool {
        self.status >= 500 || self.status == 429 || self.status == 409 && self.retry_after().is_some()
    }

    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER).map(HeaderValue::to_str)?.ok()?;
        seconds.parse().ok().map(Duration::from_secs)
    }
}

/// The status, and of a failure its code and message: answers may hold secrets.
impl Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match self.is_success() {
            true => Ok(()),
            false => write!(f, " {} {}", self.code(), self.json["message"].as_str().unwrap_or_default()),
        }
    }
}

impl Patience {
    /// Goes on for this long, and no longer.
    pub fn of(within: Duration) -> Self {
        Patience { within }
    }
}

#[cfg(test)]
#[path = "client/tests.rs"]
mod tests;
