//! Between the types of winterbaume and ours.

use super::MessageAttribute as Kept;
use super::receiving::Stored;
use crate::template::{Queue, Redrive};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use winterbaume_sqs::types::{Message, MessageAttribute};

/// What the attributes of a queue say about its behaviour.
pub(super) fn settings_of(name: &str, attributes: &HashMap<String, String>) -> Queue {
    let number = |key: &str, default: u64| {
        let given = attributes.get(key).and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    Queue {
        logical_id: String::new(),
        name: name.to_owned(),
        visibility_timeout: Duration::from_secs(number("VisibilityTimeout", 30)),
        retention: Duration::from_secs(number("MessageRetentionPeriod", 345_600)),
        delay: Duration::from_secs(number("DelaySeconds", 0)),
        message_size_max_bytes: usize::try_from(number("MaximumMessageSize", 1_048_576)).unwrap_or(usize::MAX),
        redrive: attributes.get("RedrivePolicy").and_then(|policy| redrive_of(policy)),
    }
}

fn redrive_of(policy: &str) -> Option<Redrive> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let count = &policy["maxReceiveCount"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
    Some(Redrive {
        dead_letter_queue: policy["deadLetterTargetArn"].as_str()?.rsplit(':').next()?.to_owned(),
        receive_count_max: u32::try_from(count).ok()?,
    })
}

pub(super) fn kept(attributes: HashMap<String, MessageAttribute>) -> BTreeMap<String, Kept> {
    let each = attributes.into_iter().map(|(name, value)| {
        let kept = Kept {
            string_value: value.string_value,
            binary_value: value.binary_value.map(|bytes| BASE64.encode(bytes)),
            data_type: value.data_type,
            ..Kept::default()
        };
        (name, kept)
    });
    each.collect()
}

pub(super) fn message_of(stored: Stored) -> Message {
    let attributes = stored.attributes.into_iter().map(|(name, kept)| {
        let attribute = MessageAttribute {
            data_type: kept.data_type,
            string_value: kept.string_value,
            binary_value: kept.binary_value.and_then(|text| BASE64.decode(text).ok()),
        };
        (name, attribute)
    });
    Message {
        message_attributes: attributes.collect(),
        message_id: stored.id,
        body: stored.body,
        body_md5: stored.body_md5,
        all_receipt_handles: vec![stored.receipt.clone()],
        receipt_handle: Some(stored.receipt),
        sender_id: "AIDALOCAL".to_owned(),
        sent_timestamp: stored.sent_ms,
        approximate_first_receive_timestamp: Some(stored.first_received_ms),
        approximate_receive_count: stored.receive_count,
        visible_at: stored.visible_ms,
    }
}
