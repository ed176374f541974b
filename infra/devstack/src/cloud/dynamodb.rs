//! DynamoDB: dynoxide behind its own server, the tables of the template, and the measuring of each call.

mod engine;
mod measure;

use super::CloudError;
use super::call::Call;
use super::capacity::Counters;
use super::tap::Exchange;
use crate::template::Table;
use axum::response::{IntoResponse, Response};
pub(super) use engine::{Engine, refused, request};
use http::{HeaderName, Method, StatusCode, header};
use measure::Measured;
use serde_json::json;
use std::path::{Path, PathBuf};
use tokio::sync::{RwLock, RwLockReadGuard, watch};

pub(super) struct DynamoDb {
    /// Exchanged for an empty one by a reset, which waits for running calls and holds up new ones.
    engine: RwLock<Engine>,
    tables: Vec<Table>,
    path: Option<PathBuf>,
    writes: watch::Sender<u64>,
}

impl DynamoDb {
    pub async fn start(data_dir: Option<&Path>, tables: &[Table]) -> Result<DynamoDb, CloudError> {
        let path = data_dir.map(|dir| dir.join("dynamodb.sqlite"));
        let engine = Engine::start(path.as_deref()).await?;
        engine.create_missing(tables)?;
        Ok(DynamoDb { engine: RwLock::new(engine), tables: tables.to_vec(), path, writes: watch::Sender::new(0) })
    }

    /// Answers one call through dynoxide and counts what it consumed.
    pub async fn serve(&self, call: &Call, exchange: Exchange, counters: &Counters) -> Response {
        let Exchange { head, body } = exchange;
        if head.method != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let measured = Measured::request(&call.operation, body);
        let answered = self.engine().await.forward(head.headers, measured.body.clone()).await;
        let (status, mut headers, body) = match answered {
            Ok(answer) => answer,
            Err(error) => return server_error(&error),
        };
        let body = measured.answer(call, status.is_success(), body, counters);
        if status.is_success() && measured.writes() {
            self.writes.send_modify(|count| *count += 1);
        }
        headers.remove(header::CONTENT_LENGTH);
        // The checksum is that of the answer before the capacity was taken out.
        headers.remove(HeaderName::from_static("x-amz-crc32"));
        let mut response = Response::new(axum::body::Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    /// Begins anew with empty tables. Deleting tables would not do: dynoxide keeps their stream records, and the tokens
    /// of transactions, which would then not run again.
    pub async fn clear(&self) -> Result<(), CloudError> {
        let mut engine = self.engine.write().await;
        if let Some(path) = &self.path {
            // The old engine keeps the files open; here they only lose their names.
            for suffix in ["", "-wal", "-shm"] {
                let mut file = path.clone().into_os_string();
                file.push(suffix);
                remove(Path::new(&file))?;
            }
        }
        *engine = Engine::start(self.path.as_deref()).await?;
        engine.create_missing(&self.tables)
    }

    /// Removes expired items.
    pub async fn sweep(&self) -> Result<usize, CloudError> {
        let database = self.engine().await.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        match swept {
            Ok(swept) => swept.map_err(refused),
            Err(error) => Err(CloudError::DynamoDb(error.to_string())),
        }
    }

    /// Changes with each write.
    pub fn writes(&self) -> watch::Receiver<u64> {
        self.writes.subscribe()
    }

    pub async fn engine(&self) -> RwLockReadGuard<'_, Engine> {
        self.engine.read().await
    }
}

fn remove(file: &Path) -> Result<(), CloudError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(super::folder(file, error)),
        _ => Ok(()),
    }
}

fn server_error(error: &reqwest::Error) -> Response {
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "message": error.to_string(),
    });
    (StatusCode::INTERNAL_SERVER_ERROR, body.to_string()).into_response()
}
