//! The tables' streams, as an event source reads them.

use super::dynamodb::{Engine, refused, request};
use super::{Cloud, CloudError};
use crate::template::{REGION, stream_arn};
use dynoxide::actions::get_shard_iterator::{decode_shard_iterator, encode_shard_iterator};
use dynoxide::streams::shard_id;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

/// A place in a table's stream: behind the record with this sequence number. Valid across restarts and resets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(String);

impl Position {
    /// The place behind the record with this sequence number.
    pub fn at(sequence_number: impl Into<String>) -> Position {
        Position(sequence_number.into())
    }

    /// The place behind a record in Lambda's shape.
    pub fn behind(record: &Value) -> Option<Position> {
        let number = record.pointer("/dynamodb/SequenceNumber")?.as_str()?;
        Some(Position(number.to_owned()))
    }

    /// The sequence number of the record before this place.
    pub fn sequence_number(&self) -> &str {
        &self.0
    }
}

/// Some records, oldest first, and the place behind the last one.
#[derive(Debug, Clone)]
pub struct StreamBatch {
    /// In the shape of `Records` of Lambda's DynamoDB event.
    pub records: Vec<Value>,
    /// Where to go on; the place that was given, when there was nothing.
    pub position: Option<Position>,
}

impl Cloud {
    /// At most `limit` records behind `after`; behind nothing means from the oldest.
    pub async fn stream_records(
        &self,
        table: &str,
        after: Option<Position>,
        limit: usize,
    ) -> Result<StreamBatch, CloudError> {
        let engine = self.parts.dynamodb.engine().await;
        let iterator = match &after {
            None => encode_shard_iterator(table, &shard_id(table), 0),
            Some(position) => iterator(&engine, table, "AFTER_SEQUENCE_NUMBER", Some(position))?,
        };
        let body = json!({"ShardIterator": iterator, "Limit": limit.clamp(1, 1000)});
        let answer = engine.database.get_records(request(body)?).map_err(refused)?;
        let source = stream_arn(table);
        let mut records = Vec::with_capacity(answer.records.len());
        for record in &answer.records {
            let mut record = serde_json::to_value(record).map_err(|error| CloudError::DynamoDb(error.to_string()))?;
            record["awsRegion"] = json!(REGION);
            record["eventSourceARN"] = json!(source);
            records.push(record);
        }
        let position = records.last().and_then(Position::behind).or(after);
        Ok(StreamBatch { records, position })
    }

    /// The place behind the newest record; nothing when there is none yet.
    pub async fn stream_end(&self, table: &str) -> Result<Option<Position>, CloudError> {
        // The iterator for LATEST holds the number of the last record without the offset that makes it public.
        const PUBLIC_OFFSET: u128 = 100_000_000_000_000_000_000;
        let engine = self.parts.dynamodb.engine().await;
        let iterator = iterator(&engine, table, "LATEST", None)?;
        let (_, _, last) =
            decode_shard_iterator(&iterator).ok_or_else(|| CloudError::DynamoDb("not an iterator".to_owned()))?;
        let last = u128::try_from(last).unwrap_or(0);
        Ok((last > 0).then(|| Position((PUBLIC_OFFSET + last).to_string())))
    }

    /// Changes with each write through the tap, so that an event source need not poll.
    pub fn table_writes(&self) -> watch::Receiver<u64> {
        self.parts.dynamodb.writes()
    }
}

fn iterator(engine: &Engine, table: &str, kind: &str, position: Option<&Position>) -> Result<String, CloudError> {
    let mut body = json!({"StreamArn": stream_arn(table), "ShardId": shard_id(table), "ShardIteratorType": kind});
    if let Some(Position(number)) = position {
        body["SequenceNumber"] = json!(number);
    }
    let answer = engine.database.get_shard_iterator(request(body)?).map_err(refused)?;
    answer.shard_iterator.ok_or_else(|| CloudError::DynamoDb(format!("`{table}` has no stream")))
}
