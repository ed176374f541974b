//! What a delivery says.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::event::Event;
use crate::{Id, Time, id};

/// The longest body, in bytes.
pub const MAX_BYTES: usize = 20 * 1024;

/// An event whose body would be longer than [`MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is larger than 20 kB")]
pub struct TooLarge;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    timestamp: Time,
    data: &'a Value,
}

impl Event {
    /// The body of this event's deliveries: compact, the same for all endpoints and attempts.
    ///
    /// # Errors
    /// When it is too large to be sent.
    pub fn webhook_body(&self) -> Result<String, TooLarge> {
        let body = Body { name: &self.name, timestamp: self.occurred_at, data: &self.data };
        let text = serde_json::to_string(&body).map_err(|_| TooLarge)?;
        Some(text).filter(|text| text.len() <= MAX_BYTES).ok_or(TooLarge)
    }
}

/// The id of an event's delivery to an endpoint: always the same one, so that an event that comes again adds nothing. It
/// has the event's time.
pub fn delivery_id(event: Id<id::Event>, endpoint: Id<id::Endpoint>) -> Id<id::Delivery> {
    let digest = Sha256::new().chain_update(event.as_bytes()).chain_update(endpoint.as_bytes()).finalize();
    let mut random = [0; 10];
    random.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Id::new(event.time(), random)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(data: Value) -> Event {
        let now = Time::from_millis(1_795_168_800_000);
        Event {
            id: Id::new(now, [7; 10]),
            name: "user.updated".into(),
            occurred_at: now,
            actor_id: None,
            subject_ids: Vec::new(),
            request_id: "request-1".into(),
            data,
            v: 1,
        }
    }

    #[test]
    fn a_body_is_compact_and_holds_type_time_and_data_only() {
        assert_eq!(
            event(json!({ "a": 1 })).webhook_body().unwrap(),
            r#"{"type":"user.updated","timestamp":"2026-11-20T10:00:00.000Z","data":{"a":1}}"#
        );
        assert!(event(json!("x".repeat(MAX_BYTES - 100))).webhook_body().is_ok());
        assert_eq!(event(json!("x".repeat(MAX_BYTES))).webhook_body(), Err(TooLarge));
    }

    #[test]
    fn an_event_and_an_endpoint_have_one_delivery() {
        let (now, later) = (Time::from_millis(1000), Time::from_millis(2000));
        let (event, endpoint) = (Id::new(now, [1; 10]), Id::new(later, [2; 10]));
        let id = delivery_id(event, endpoint);
        assert_eq!(delivery_id(event, endpoint), id);
        assert_eq!(id.time(), now);
        assert_ne!(delivery_id(Id::new(now, [3; 10]), endpoint), id);
        assert_ne!(delivery_id(event, Id::new(later, [3; 10])), id);
    }
}
