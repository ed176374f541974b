//! Values as messages, and messages in batches that SQS takes.

use serde::Serialize;

/// A message as SQS takes it, with its place among those that were to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub index: usize,
    pub body: String,
}

/// What one request may hold at most.
const BATCH_MESSAGES_MAX: usize = 10;
/// What the messages of one request may hold together. SQS has taken 1 MiB since August 2025 and 256 KiB before; some of
/// what speaks its protocol still takes no more than that. A message larger than this travels alone: an event lies in an
/// item, and those end at 400 KB.
const BATCH_BYTES_MAX: usize = 256 * 1024;

impl Message {
    /// The message whose body is `value`.
    pub fn of<M: Serialize>(index: usize, value: &M) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_string(value)?;
        // The only characters that JSON leaves as they are and SQS refuses. They can stand in a string only, where an
        // escape means the same.
        let body = match body.contains(['\u{FFFE}', '\u{FFFF}']) {
            true => body.replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff"),
            false => body,
        };
        Ok(Message { index, body })
    }
}

/// The messages in their order, cut where a request would become too large.
pub(crate) fn batches(messages: Vec<Message>) -> Vec<Vec<Message>> {
    let mut batches: Vec<Vec<Message>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let fits = |batch: &&mut Vec<Message>| {
            batch.len() < BATCH_MESSAGES_MAX && bytes + message.body.len() <= BATCH_BYTES_MAX
        };
        match batches.last_mut().filter(fits) {
            Some(batch) => {
                bytes += message.body.len();
                batch.push(message);
            }
            None => {
                bytes = message.body.len();
                batches.push(vec![message]);
            }
        }
    }
    batches
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use domain::event::Event;
    use domain::{Id, Time};
    use serde_json::json;

    use super::*;

    fn message(index: usize, bytes: usize) -> Message {
        Message { index, body: "x".repeat(bytes) }
    }

    fn sizes(bytes: &[usize]) -> Vec<usize> {
        let messages = bytes.iter().enumerate().map(|(index, bytes)| message(index, *bytes)).collect();
        batches(messages).iter().map(Vec::len).collect()
    }

    #[test]
    fn batches_end_at_ten_messages_and_at_the_size_limit() {
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&[10; 25]), [10, 10, 5]);
        assert_eq!(sizes(&[100 * 1024; 5]), [2, 2, 1]);
        assert_eq!(sizes(&[BATCH_BYTES_MAX, 1, BATCH_BYTES_MAX - 1, 1]), [1, 2, 1]);
        assert_eq!(sizes(&[1, BATCH_BYTES_MAX + 1, 1]), [1, 1, 1]);
    }

    #[test]
    fn batches_keep_the_order() {
        let messages: Vec<Message> = (0..25).map(|index| message(index, 30 * 1024)).collect();
        let order: Vec<usize> = batches(messages).into_iter().flatten().map(|message| message.index).collect();
        assert_eq!(order, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn a_body_holds_only_characters_that_sqs_takes_and_reads_back() {
        let now = Time::from_millis(1_795_168_800_000);
        let event = Event {
            id: Id::new(now, [7; 10]),
            name: "user.updated".into(),
            occurred_at: now,
            actor_id: None,
            subject_ids: Vec::new(),
            request_id: "request-1".into(),
            data: json!({ "name": "a\u{FFFE}b\u{FFFF}c\u{1}d\u{10FFFF}" }),
            v: 1,
        };
        let body = Message::of(0, &event).unwrap().body;
        assert!(!body.contains(|c: char| c < ' ' || c == '\u{FFFE}' || c == '\u{FFFF}'));
        assert_eq!(serde_json::from_str::<Event>(&body).unwrap(), event);
    }
}
