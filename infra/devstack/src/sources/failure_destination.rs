//! What becomes of stream records that are given up: one object, named and written as Lambda does for an S3 destination.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Target;
use crate::template::StreamSource;

const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Stores the records whole. Answers whether the stream may go on: not before they are stored, unless there is nowhere
/// to store them, and not when the stack stops.
pub async fn keep(source: &StreamSource, target: &mut Target, records: &[Value]) -> bool {
    let Some(bucket) = &source.on_failure_bucket else {
        tracing::error!(function = target.function, records = records.len(), "records given up, with no destination");
        return true;
    };
    let now = Timestamp::now();
    let key = key(&target.function, &source.table, now);
    let body = document(&target.function, &source.table, records, attempts(source), now).to_string().into_bytes();
    loop {
        match target.surroundings.cloud.put_object(bucket, &key, body.clone()).await {
            Ok(()) => break,
            Err(error) => tracing::error!(bucket, %error, "the failure destination does not take records"),
        }
        if !target.pause(TRY_AGAIN).await {
            return false;
        }
    }
    tracing::error!(function = target.function, bucket, key, records = records.len(), "records given up");
    true
}

fn attempts(source: &StreamSource) -> u32 {
    source.max_retry_attempts.unwrap_or_default().saturating_add(1)
}

/// `aws/lambda/<source>/<shard>/2026/11/20/2026-11-20T10.00.00-<id>`.
fn key(function: &str, table: &str, now: Timestamp) -> String {
    let (day, second) = (now.strftime("%Y/%m/%d"), now.strftime("%Y-%m-%dT%H.%M.%S"));
    format!("aws/lambda/{function}/{table}/{day}/{second}-{}", uuid::Uuid::now_v7())
}

fn document(function: &str, table: &str, records: &[Value], attempts: u32, now: Timestamp) -> Value {
    let number = |record: Option<&Value>| record.map(|record| record["dynamodb"]["SequenceNumber"].clone());
    let arrival = |record: Option<&Value>| {
        let seconds = record.and_then(|record| record["dynamodb"]["ApproximateCreationDateTime"].as_f64());
        #[expect(clippy::cast_possible_truncation, reason = "a time in whole seconds")]
        let arrived = seconds.and_then(|seconds| Timestamp::from_second(seconds as i64).ok());
        arrived.map(|arrived| arrived.to_string())
    };
    json!({
        "requestContext": {
            "requestId": uuid::Uuid::now_v7().to_string(),
            "functionArn": format!("arn:aws:lambda:{}:{}:function:{function}", crate::template::REGION, crate::template::ACCOUNT),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": attempts,
        },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "version": "1.0",
        "timestamp": format!("{now:.3}"),
        "DDBStreamBatchInfo": {
            "shardId": table,
            "startSequenceNumber": number(records.first()),
            "endSequenceNumber": number(records.last()),
            "approximateArrivalOfFirstRecord": arrival(records.first()),
            "approximateArrivalOfLastRecord": arrival(records.last()),
            "batchSize": records.len(),
            "streamArn": crate::template::stream_arn(table),
        },
        // A text, as there: the event that the function would not take.
        "payload": json!({ "Records": records }).to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_kept_whole() {
        let record = json!({"eventID": "1", "dynamodb": {"SequenceNumber": "7", "ApproximateCreationDateTime": 1_795_168_800.0}});
        let document = document("outbox-relay", "core", std::slice::from_ref(&record), 6, Timestamp::UNIX_EPOCH);
        assert_eq!(document["DDBStreamBatchInfo"]["startSequenceNumber"], "7");
        assert_eq!(document["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"], "2026-11-20T10:00:00Z");
        assert_eq!(document["timestamp"], "1970-01-01T00:00:00.000Z");
        let payload: Value =
            document["payload"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        assert_eq!(payload["Records"][0], record);
    }

    #[test]
    fn keys_are_sorted_by_day() {
        let key = key("outbox-relay", "core", "2026-11-20T10:00:00Z".parse().unwrap_or_default());
        assert!(key.starts_with("aws/lambda/outbox-relay/core/2026/11/20/2026-11-20T10.00.00-"), "{key}");
    }
}
