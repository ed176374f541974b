//! DynamoDB: dynoxide behind its own server, the tables of the template, and the measuring of each call.

mod measure;

use super::call::Call;
use super::capacity::Counters;
use super::tap::Exchange;
use super::{CloudError, Position};
use crate::template::Table;
use axum::response::{IntoResponse, Response};
use dynoxide::Database;
use http::{HeaderName, StatusCode, header};
use measure::Measured;
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::{RwLock, watch};
use tokio::task::JoinHandle;

/// AWS keeps stream records for a day.
const STREAM_RETENTION_SECONDS: i64 = 24 * 60 * 60;

pub(super) struct DynamoDb {
    pub(super) database: Database,
    tables: Vec<Table>,
    server: SocketAddr,
    server_task: JoinHandle<()>,
    client: reqwest::Client,
    /// Held by each request for reading, and for writing while tables are recreated.
    gate: RwLock<()>,
    /// Where streams begin since the last reset; dynoxide keeps the records of deleted tables.
    floors: Mutex<BTreeMap<String, Position>>,
    path: Option<PathBuf>,
    writes: watch::Sender<u64>,
}

impl DynamoDb {
    pub async fn start(data_dir: Option<&Path>, tables: &[Table]) -> Result<DynamoDb, CloudError> {
        let path = data_dir.map(|dir| dir.join("dynamodb.sqlite"));
        let database = open(path.as_deref())?;
        // dynoxide only serves a listener of its own; it gets a private one behind the tap.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(CloudError::Listen)?;
        let server = listener.local_addr().map_err(CloudError::Listen)?;
        let client =
            reqwest::Client::builder().no_proxy().build().map_err(|error| CloudError::DynamoDb(error.to_string()))?;
        let dynamodb = DynamoDb {
            database: database.clone(),
            tables: tables.to_vec(),
            server,
            server_task: tokio::spawn(dynoxide::server::serve_on(listener, database)),
            client,
            gate: RwLock::new(()),
            floors: Mutex::default(),
            path,
            writes: watch::Sender::new(0),
        };
        dynamodb.create_missing_tables()?;
        Ok(dynamodb)
    }

    /// Answers one call through dynoxide and counts what it consumed.
    pub async fn serve(&self, call: &Call, exchange: Exchange, counters: &Counters) -> Response {
        let Exchange { head, body } = exchange;
        let measured = Measured::request(&call.operation, body);
        let _open = self.gate.read().await;
        let mut headers = head.headers;
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::HOST);
        let sent = self
            .client
            .request(head.method, format!("http://{}/", self.server))
            .headers(headers)
            .body(measured.body.clone())
            .send()
            .await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return unreachable_server(&error),
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let body = match answer.bytes().await {
            Ok(body) => body,
            Err(error) => return unreachable_server(&error),
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

    /// Drops and creates every table of the template, so that items and stream records go.
    pub async fn recreate_tables(&self) -> Result<(), CloudError> {
        let _closed = self.gate.write().await;
        for table in &self.tables {
            if table.stream_view.is_some()
                && let Some(end) = self.stream_end(&table.name)?
            {
                self.lock_floors().insert(table.name.clone(), end);
            }
            let name = json!({"TableName": table.name});
            self.database.delete_table(request(name)?).map_err(|error| CloudError::DynamoDb(error.to_string()))?;
        }
        if let Some(path) = &self.path {
            // For the next start, which does not know the floors.
            Connection::open(path)?.execute("DELETE FROM _stream_records", [])?;
        }
        self.create_missing_tables()
    }

    /// Where the stream of a table begins; nothing means at its oldest record.
    pub fn floor(&self, table: &str) -> Option<Position> {
        self.lock_floors().get(table).cloned()
    }

    fn lock_floors(&self) -> MutexGuard<'_, BTreeMap<String, Position>> {
        self.floors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes expired items.
    pub async fn sweep(&self) -> Result<usize, CloudError> {
        let database = self.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        match swept {
            Ok(Ok(count)) => Ok(count),
            Ok(Err(error)) => Err(CloudError::DynamoDb(error.to_string())),
            Err(error) => Err(CloudError::DynamoDb(error.to_string())),
        }
    }

    pub fn writes(&self) -> watch::Receiver<u64> {
        self.writes.subscribe()
    }

    fn create_missing_tables(&self) -> Result<(), CloudError> {
        let refused = |error: dynoxide::DynoxideError| CloudError::DynamoDb(error.to_string());
        let known = self.database.list_tables(request(json!({}))?).map_err(refused)?;
        for table in &self.tables {
            if known.table_names.contains(&table.name) {
                continue;
            }
            self.database.create_table(request(table.definition.clone())?).map_err(refused)?;
            if let Some(attribute) = &table.ttl_attribute {
                let ttl = json!({
                    "TableName": table.name,
                    "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true},
                });
                self.database.update_time_to_live(request(ttl)?).map_err(refused)?;
            }
        }
        Ok(())
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        self.server_task.abort();
    }
}

/// A request of dynoxide from the body that AWS would get.
pub(super) fn request<T: DeserializeOwned>(body: Value) -> Result<T, CloudError> {
    serde_json::from_value(body).map_err(|error| CloudError::DynamoDb(error.to_string()))
}

fn open(path: Option<&Path>) -> Result<Database, CloudError> {
    let refused = |error: dynoxide::DynoxideError| CloudError::DynamoDb(error.to_string());
    let Some(path) = path else {
        return Database::memory().map_err(refused);
    };
    let database = Database::new(&path.to_string_lossy()).map_err(refused)?;
    // What this leaves behind is `synchronous = NORMAL`: no fsync per write, and still nothing that a killed process
    // could lose. There is no other way to say so.
    database.disable_bulk_loading().map_err(refused)?;
    tend_stream_records(path)?;
    Ok(database)
}

/// dynoxide 3.2 keeps stream records for ever and reads all of them for each write. An index on what it asks for and
/// AWS's day of retention keep writes as fast in month two as on the first day.
fn tend_stream_records(path: &Path) -> Result<(), CloudError> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS stream_records_by_number
         ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )?;
    connection
        .execute("DELETE FROM _stream_records WHERE created_at < unixepoch() - ?1", [STREAM_RETENTION_SECONDS])?;
    Ok(())
}

fn unreachable_server(error: &reqwest::Error) -> Response {
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "message": error.to_string(),
    });
    (StatusCode::INTERNAL_SERVER_ERROR, body.to_string()).into_response()
}
