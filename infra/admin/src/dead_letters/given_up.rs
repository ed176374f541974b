//! What the table's stream gave up on: one object for each invocation, written by Lambda, with the records in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::event::Event;
use serde::Serialize;
use serde_json::{Value, json};

use super::Letter;
use crate::resend::{Mode, Resend};
use crate::{AdminError, Souk};

/// What became of dead letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Redriven {
    /// Messages or objects that went back.
    pub moved: u64,
    /// Whether SQS is still moving more.
    pub goes_on: bool,
    /// Objects that stay, with the reason.
    pub left: Vec<String>,
}

/// Objects that one call looks at; another call goes on from there.
const OBJECTS_MAX: usize = 1000;

/// The first objects, by key, which begins with function and day.
pub async fn show_events(souk: &Souk, limit: usize) -> Result<Vec<Letter>, AdminError> {
    let bucket = souk.events_bucket().await?;
    let mut letters = Vec::new();
    for object in souk.blobs.list(&bucket, limit).await? {
        let text = souk.blobs.read(&bucket, &object.key).await?;
        let sent_at = serde_json::from_slice::<Value>(&text).ok();
        let sent_at = sent_at.and_then(|object| object["timestamp"].as_str()?.parse().ok());
        let body = match events(&text) {
            Ok(events) => json!(events),
            Err(reason) => json!({ "unreadable": reason, "bytes": object.bytes }),
        };
        letters.push(Letter { id: object.key, sent_at, body });
    }
    Ok(letters)
}

/// Sends the events of each object to the queues of their rows, and deletes the object when all of them got there.
pub async fn redrive_events(souk: &Souk) -> Result<Redriven, AdminError> {
    let bucket = souk.events_bucket().await?;
    let mut redriven = Redriven::default();
    for object in souk.blobs.list(&bucket, OBJECTS_MAX).await? {
        let events = match events(&souk.blobs.read(&bucket, &object.key).await?) {
            Ok(events) => events,
            Err(reason) => {
                redriven.left.push(format!("{}: {reason}", object.key));
                continue;
            }
        };
        let mut resend = Resend::begin(souk, Mode::Send).await?;
        for event in events {
            resend.take(event).await;
        }
        match resend.end().await {
            resent if resent.is_complete() => {
                souk.blobs.delete(&bucket, &object.key).await?;
                redriven.moved += 1;
            }
            resent if resent.unknown.is_empty() => {
                redriven.left.push(format!("{}: a queue did not take its events", object.key));
            }
            resent => {
                let types: Vec<String> = resent.unknown.into_keys().collect();
                redriven.left.push(format!("{}: it tells of unknown types: {}", object.key, types.join(", ")));
            }
        }
    }
    Ok(redriven)
}

/// The events of an object: its `payload` is, as text, the event that the function would not take.
fn events(object: &[u8]) -> Result<Vec<Event>, String> {
    let object: Value = serde_json::from_slice(object).map_err(|_| "it is no JSON")?;
    let payload = object["payload"].as_str().ok_or("it has no payload")?;
    let payload: Value = serde_json::from_str(payload).map_err(|_| "its payload is no JSON")?;
    let mut events = Vec::new();
    for record in payload["Records"].as_array().ok_or("its payload has no records")? {
        let out = record["dynamodb"]["NewImage"]["out"]["B"].as_str().ok_or("a record tells nothing")?;
        let out = STANDARD.decode(out).map_err(|_| "a record is no Base64")?;
        events.extend(store::read_events(&out).map_err(|_| "a record tells no events")?);
    }
    Ok(events)
}
