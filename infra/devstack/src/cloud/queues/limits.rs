//! Limits that SQS sets and winterbaume does not: whoever breaks them should learn it here, not in AWS.

use super::settings::Settings;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use winterbaume_core::MockResponse;

const BATCH_ENTRIES_MAX: usize = 10;
const DELAY_SECONDS_MAX: u64 = 900;
const VISIBILITY_SECONDS_MAX: u64 = 43_200;
const WAIT_SECONDS_MAX: u64 = 20;
/// What a queue takes when the template does not say otherwise; also the limit of a whole batch.
const SIZE_MAX_BYTES: usize = 1_048_576;

/// The answer to a request that SQS would not take.
pub(super) fn refusal(operation: &str, body: &[u8], settings: &Settings) -> Option<MockResponse> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let fault = match operation {
        "SendMessage" => message_fault(&request, size_max(&request, settings)),
        "SendMessageBatch" => {
            batch_fault(&request).or_else(|| send_batch_fault(&request, size_max(&request, settings)))
        }
        "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => batch_fault(&request),
        "ReceiveMessage" => above(&request, "MaxNumberOfMessages", 10)
            .or_else(|| above(&request, "WaitTimeSeconds", WAIT_SECONDS_MAX))
            .or_else(|| above(&request, "VisibilityTimeout", VISIBILITY_SECONDS_MAX)),
        "ChangeMessageVisibility" => above(&request, "VisibilityTimeout", VISIBILITY_SECONDS_MAX),
        _ => None,
    }?;
    let answer = json!({"__type": fault.code, "message": fault.message});
    Some(MockResponse::json(400, answer.to_string()))
}

struct LimitFault {
    code: &'static str,
    message: String,
}

fn invalid(message: String) -> LimitFault {
    LimitFault { code: "InvalidParameterValue", message }
}

fn size_max(request: &Value, settings: &Settings) -> usize {
    request["QueueUrl"]
        .as_str()
        .and_then(|url| url.rsplit('/').next())
        .and_then(|name| settings.get(name))
        .map_or(SIZE_MAX_BYTES, |queue| queue.message_size_max_bytes)
}

fn message_fault(message: &Value, size_max: usize) -> Option<LimitFault> {
    let attributes = message["MessageAttributes"].as_object();
    if attributes.is_some_and(|attributes| attributes.len() > 10) {
        return Some(invalid("Number of message attributes exceeds the maximum of 10.".to_owned()));
    }
    if size_of(message) > size_max {
        return Some(invalid(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {size_max} bytes."
        )));
    }
    above(message, "DelaySeconds", DELAY_SECONDS_MAX)
}

fn batch_fault(request: &Value) -> Option<LimitFault> {
    let entries = request["Entries"].as_array()?;
    let fault = |code, message: &str| LimitFault { code, message: message.to_owned() };
    if entries.is_empty() {
        let code = "AWS.SimpleQueueService.EmptyBatchRequest";
        return Some(fault(code, "There should be at least one entry in the request."));
    }
    if entries.len() > BATCH_ENTRIES_MAX {
        let code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
        return Some(fault(code, "Maximum number of entries per request are 10."));
    }
    let ids: BTreeSet<_> = entries.iter().map(|entry| entry["Id"].as_str()).collect();
    (ids.len() < entries.len()).then(|| {
        let code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct";
        fault(code, "Two or more batch entries in the request have the same Id.")
    })
}

fn send_batch_fault(request: &Value, size_max: usize) -> Option<LimitFault> {
    let entries = request["Entries"].as_array()?;
    if entries.iter().map(size_of).sum::<usize>() > SIZE_MAX_BYTES {
        return Some(LimitFault {
            code: "AWS.SimpleQueueService.BatchRequestTooLong",
            message: format!("Batch requests cannot be longer than {SIZE_MAX_BYTES} bytes."),
        });
    }
    if entries.iter().any(|entry| entry["MessageBody"].as_str().is_none_or(str::is_empty)) {
        return Some(invalid("Message body must not be empty.".to_owned()));
    }
    entries.iter().find_map(|entry| message_fault(entry, size_max))
}

/// Body and attributes count together.
fn size_of(message: &Value) -> usize {
    let body = message["MessageBody"].as_str().map_or(0, str::len);
    let attributes = message["MessageAttributes"].as_object().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| {
        let text = |key: &str| value[key].as_str().map_or(0, str::len);
        name.len() + text("DataType") + text("StringValue") + text("BinaryValue") / 4 * 3
    });
    body + attributes.sum::<usize>()
}

fn above(request: &Value, key: &str, max: u64) -> Option<LimitFault> {
    let value = request[key].as_u64().filter(|value| *value > max)?;
    Some(invalid(format!("Value {value} for parameter {key} is invalid. Reason: Must be between 0 and {max}.")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    fn code(operation: &str, request: &Value) -> Option<String> {
        let body = request.to_string();
        let refusal = refusal(operation, body.as_bytes(), &Settings::default())?;
        let answer: Value = serde_json::from_slice(&refusal.body).unwrap();
        Some(answer["__type"].as_str().unwrap().to_owned())
    }

    fn batch(ids: impl Iterator<Item = usize>) -> Value {
        let entries: Vec<Value> = ids.map(|id| json!({"Id": id.to_string(), "MessageBody": "x"})).collect();
        json!({"QueueUrl": "http://localhost/0/q", "Entries": entries})
    }

    #[test]
    fn what_sqs_takes_is_let_through() {
        assert_eq!(code("SendMessage", &json!({"MessageBody": "x", "DelaySeconds": 900})), None);
        assert_eq!(code("SendMessageBatch", &batch(0..10)), None);
        assert_eq!(code("ReceiveMessage", &json!({"MaxNumberOfMessages": 10})), None);
    }

    #[test]
    fn what_sqs_refuses_is_refused() {
        let large = "x".repeat(SIZE_MAX_BYTES + 1);
        let invalid = Some("InvalidParameterValue".to_owned());
        assert_eq!(code("SendMessage", &json!({"MessageBody": large})), invalid);
        assert_eq!(code("SendMessage", &json!({"MessageBody": "x", "DelaySeconds": 901})), invalid);
        assert_eq!(code("ReceiveMessage", &json!({"MaxNumberOfMessages": 11})), invalid);
        let code_of = |request: &Value| code("SendMessageBatch", request).unwrap();
        assert!(code_of(&batch(0..11)).ends_with("TooManyEntriesInBatchRequest"));
        assert!(code_of(&batch(0..0)).ends_with("EmptyBatchRequest"));
        assert!(code_of(&batch([1, 1].into_iter())).ends_with("BatchEntryIdsNotDistinct"));
    }
}
