//! One invocation on its way to an instance.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{InvokeError, MAX_PAYLOAD_BYTES};

pub(crate) type Answer = Result<Bytes, InvokeError>;

/// One invocation: what the function is told, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) payload: Bytes,
    /// JSON in visible ASCII, because it travels in a header.
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: String,
    answer: oneshot::Sender<Answer>,
}

impl Job {
    /// Errors: `TooLarge`, `InvalidPayload` (one such event would end the process of a Rust function, here as on AWS).
    pub(crate) fn new(
        payload: Bytes,
        client_context: Option<&Value>,
        trace_id: Option<String>,
    ) -> Result<(Job, oneshot::Receiver<Answer>), InvokeError> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(InvokeError::TooLarge);
        }
        let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
        // As text first: JSON's own reader would let bytes that are not UTF-8 pass in parts that it skips.
        let text = std::str::from_utf8(&payload).map_err(|error| InvokeError::InvalidPayload(error.to_string()))?;
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| InvokeError::InvalidPayload(error.to_string()))?;
        let id = Uuid::new_v4();
        let (answer, answered) = oneshot::channel();
        let job = Job {
            id: id.to_string(),
            payload,
            client_context: client_context.map(ascii_json),
            trace_id: trace_id.unwrap_or_else(|| new_trace_id(id)),
            answer,
        };
        Ok((job, answered))
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    pub(crate) fn answer(self, answer: Answer) {
        // The caller may have gone: then the answer is nobody's.
        let _ = self.answer.send(answer);
    }
}

fn new_trace_id(id: Uuid) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let digits = id.simple().to_string();
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", &digits[8..], &digits[16..])
}

fn ascii_json(value: &Value) -> String {
    let mut ascii = String::new();
    for character in value.to_string().chars() {
        if matches!(character, ' '..='~') {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            ascii.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn client_context_survives_the_header() -> Result<(), serde_json::Error> {
        let value = json!({"custom": {"name": "Zoë 🌻\u{7f}\n"}});
        let ascii = ascii_json(&value);
        assert!(ascii.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert_eq!(serde_json::from_str::<Value>(&ascii)?, value);
        Ok(())
    }

    #[test]
    fn payloads_are_json_within_the_limit() {
        let refused = |payload: Vec<u8>| Job::new(payload.into(), None, None).err();
        assert!(matches!(refused(b"{\"a\":".to_vec()), Some(InvokeError::InvalidPayload(_))));
        assert!(matches!(refused(b"\"\xff\"".to_vec()), Some(InvokeError::InvalidPayload(_))));
        assert_eq!(refused(vec![b' '; MAX_PAYLOAD_BYTES + 1]), Some(InvokeError::TooLarge));
        assert_eq!(refused(Vec::new()), None);
    }
}
