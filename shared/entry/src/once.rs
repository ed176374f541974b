//! Requests that may be sent again: the first one that succeeds is done, all others are answered as it was.

use std::marker::PhantomData;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::{Code, Failure, Time};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use store::once::{Answered, Record};

use crate::app::App;
use crate::envelope::Envelope;
use crate::extract::RequestKey;
use crate::keys::Keyring;
use crate::problem::Problem;

const LABEL: &str = "idempotency";

/// An answer as its bytes, so that the same request gets the same bytes.
#[derive(Debug)]
pub struct Once<T> {
    wire: Wire,
    record: Option<Record>,
    is_replayed: bool,
    shape: PhantomData<fn() -> T>,
}

/// What is sealed and kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Wire {
    status: u16,
    etag: Option<String>,
    body: String,
}

impl<T> Once<T> {
    /// What belongs into the transaction of what is answered here.
    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }
}

/// One request in the hands of its handler, and what is needed to answer it once.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    app: &'a App,
    keyring: &'a Keyring,
    principal: &'a str,
    key: Option<&'a RequestKey>,
}

impl<'a> Attempt<'a> {
    /// The request of `principal` under `key`; without one it is done as often as it is sent.
    pub fn new(app: &'a App, keyring: &'a Keyring, principal: &'a str, key: Option<&'a RequestKey>) -> Self {
        Attempt { app, keyring, principal, key }
    }

    /// Answers as before, or does `act`. What `act` changes, it changes in one transaction with [`Once::record`] of its
    /// answer; a failure of `act` is looked at again, for it may be due to a twin that was faster.
    ///
    /// # Errors
    /// Those of `act`, and IDEMPOTENCY_MISMATCH where the key was used for another request.
    pub async fn once<T>(self, act: impl AsyncFnOnce() -> Result<Once<T>, Problem>) -> Result<Once<T>, Problem> {
        if let Some(earlier) = self.earlier().await? {
            return Ok(earlier);
        }
        match act().await {
            Ok(answer) => Ok(answer),
            Err(problem) => self.earlier().await?.ok_or(problem),
        }
    }

    /// `answer` as it will be sent, now and again.
    ///
    /// # Errors
    /// When it cannot be written or sealed.
    pub fn answer<T, const STATUS: u16>(
        &self,
        answer: Envelope<T, STATUS>,
        now: Time,
    ) -> Result<Once<Envelope<T, STATUS>>, Problem>
    where
        T: Serialize,
    {
        let (etag, body) = answer.written(now)?;
        let body = String::from_utf8(body).map_err(Problem::internal)?;
        let wire = Wire { status: STATUS, etag, body };
        let record = self.key.map(|key| self.record(key, &wire, now)).transpose()?;
        Ok(Once { wire, record, is_replayed: false, shape: PhantomData })
    }

    fn record(&self, key: &RequestKey, wire: &Wire, now: Time) -> Result<Record, Problem> {
        let sealed = self.keyring.seal(LABEL, self.principal, &serde_json::to_vec(wire)?).map_err(Problem::internal)?;
        let (key, fingerprint) = (key.key().to_owned(), key.fingerprint().to_owned());
        Ok(Record::new(self.principal.to_owned(), key, fingerprint, sealed, now))
    }

    async fn earlier<T>(&self) -> Result<Option<Once<T>>, Problem> {
        let Some(key) = self.key else { return Ok(None) };
        let answered = self.app.store.answered(self.principal, key.key(), self.app.clock.now()).await?;
        answered.map(|answered| self.replayed(key, &answered)).transpose()
    }

    fn replayed<T>(&self, key: &RequestKey, answered: &Answered) -> Result<Once<T>, Problem> {
        if answered.fingerprint != key.fingerprint() {
            let message = "This Idempotency-Key was used for another request";
            return Err(Failure::new(Code::IdempotencyMismatch, message).into());
        }
        let opened = self.keyring.open(LABEL, self.principal, &answered.answer);
        let opened = opened.ok_or_else(|| Problem::internal("a kept answer does not open"))?;
        Ok(Once { wire: serde_json::from_slice(&opened)?, record: None, is_replayed: true, shape: PhantomData })
    }
}

/// What a twin is told that lost the race against one whose answer it cannot see yet.
pub fn twin_is_running() -> Failure {
    Failure::new(Code::Conflict, "The same request is being answered: ask again").retry_after(1)
}

impl<T> IntoResponse for Once<T> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.wire.status).unwrap_or(StatusCode::OK);
        let mut response = (status, Body::from(self.wire.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(etag) = self.wire.etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
            headers.insert(header::ETAG, etag);
        }
        if self.is_replayed {
            headers.insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
        }
        response
    }
}

impl<T: OperationOutput> OperationOutput for Once<T> {
    type Inner = T::Inner;

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        T::inferred_responses(ctx, operation)
    }
}
