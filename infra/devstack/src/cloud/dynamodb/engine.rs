//! One dynoxide database with the server in front of it.

use super::super::CloudError;
use crate::template::Table;
use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use http::{HeaderMap, StatusCode, header};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::Path;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// AWS keeps stream records for a day.
const STREAM_RETENTION_SECONDS: i64 = 24 * 60 * 60;

pub(in super::super) struct Engine {
    pub database: Database,
    /// Where its server listens, `http://127.0.0.1:{port}/`.
    endpoint: String,
    server: JoinHandle<()>,
    client: reqwest::Client,
}

impl Engine {
    pub async fn start(path: Option<&Path>) -> Result<Engine, CloudError> {
        let database = open(path)?;
        // dynoxide only serves a listener of its own; it gets a private one behind the tap.
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = bound.map_err(CloudError::Listen)?;
        let address = listener.local_addr().map_err(CloudError::Listen)?;
        let client = reqwest::Client::builder().no_proxy().build();
        Ok(Engine {
            server: tokio::spawn(dynoxide::server::serve_on(listener, database.clone())),
            database,
            endpoint: format!("http://{address}/"),
            client: client.map_err(|error| CloudError::DynamoDb(error.to_string()))?,
        })
    }

    /// Creates the tables that are not there yet.
    pub fn create_missing(&self, tables: &[Table]) -> Result<(), CloudError> {
        let known = self.database.list_tables(request(json!({}))?).map_err(refused)?;
        for table in tables {
            if known.table_names.contains(&table.name) {
                continue;
            }
            let definition = request(table.definition.clone())?;
            self.database.create_table(definition).map_err(refused)?;
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

    /// Has the server answer a request.
    pub async fn forward(
        &self,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), reqwest::Error> {
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::HOST);
        let answer = self.client.post(&self.endpoint).headers(headers).body(body).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok((status, headers, answer.bytes().await?))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A request of dynoxide from the body that AWS would get.
pub(in super::super) fn request<T: DeserializeOwned>(body: Value) -> Result<T, CloudError> {
    serde_json::from_value(body).map_err(|error| CloudError::DynamoDb(error.to_string()))
}

pub(in super::super) fn refused(error: DynoxideError) -> CloudError {
    CloudError::DynamoDb(error.to_string())
}

fn open(path: Option<&Path>) -> Result<Database, CloudError> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn dynoxides_questions_for_stream_records_use_the_index() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("dynamodb.sqlite");
        let _engine = Engine::start(Some(&path)).await.unwrap();
        let connection = Connection::open(&path).unwrap();
        for question in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 't'",
            "SELECT event_id FROM _stream_records
             WHERE table_name = 't' AND shard_id = 's' AND CAST(sequence_number AS INTEGER) > 7
             ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 10",
        ] {
            let explained = format!("EXPLAIN QUERY PLAN {question}");
            let plan: String = connection.query_row(&explained, [], |row| row.get("detail")).unwrap();
            assert!(plan.contains("stream_records_by_number"), "{plan}");
        }
    }
}
