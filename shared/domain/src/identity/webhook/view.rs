//! What their owners see of endpoints and deliveries. Secrets are not part of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Attempt, Delivery, Description, Endpoint, EndpointStatus, EndpointUrl, EventPattern, Status};
use crate::identity::events::DisabledReason;
use crate::{Id, Time, id};

/// Whose events an endpoint gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndpointScope {
    /// Those that concern its owner.
    #[default]
    Own,
    /// All.
    Platform,
}

/// An endpoint.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookEndpoint")]
#[allow(missing_docs)]
pub struct EndpointView {
    pub id: Id<id::Endpoint>,
    pub url: EndpointUrl,
    pub event_types: Vec<EventPattern>,
    pub description: Option<Description>,
    pub scope: EndpointScope,
    pub status: EndpointStatus,
    /// Why it was disabled, unless its owner did it.
    pub disabled_reason: Option<DisabledReason>,
    pub created_at: Time,
    /// When something last arrived, to the minute.
    pub last_success_at: Option<Time>,
    /// Since when it has done nothing but fail.
    pub failing_since: Option<Time>,
    pub version: u64,
}

impl From<&Endpoint> for EndpointView {
    fn from(endpoint: &Endpoint) -> Self {
        EndpointView {
            id: endpoint.id,
            url: endpoint.url.clone(),
            event_types: endpoint.event_types.clone(),
            description: endpoint.description.clone(),
            scope: EndpointScope::Own,
            status: endpoint.status,
            disabled_reason: endpoint.disabled_reason,
            created_at: endpoint.created_at,
            last_success_at: endpoint.last_success_at,
            failing_since: endpoint.failing_since,
            version: endpoint.version,
        }
    }
}

/// A delivery.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookDelivery")]
#[allow(missing_docs)]
pub struct DeliveryView {
    pub id: Id<id::Delivery>,
    /// Header `webhook-id` of every attempt.
    pub event_id: Id<id::Event>,
    pub event_type: String,
    pub status: Status,
    pub attempt_count: usize,
    pub last_status_code: Option<u16>,
    pub last_error: Option<String>,
    pub next_attempt_at: Option<Time>,
    pub created_at: Time,
    pub delivered_at: Option<Time>,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        DeliveryView {
            id: delivery.id,
            event_id: delivery.event,
            event_type: delivery.event_type.clone(),
            status: delivery.status,
            attempt_count: delivery.attempt_count,
            last_status_code: delivery.last_status_code(),
            last_error: delivery.last_error().map(str::to_owned),
            next_attempt_at: delivery.next_attempt_at,
            created_at: delivery.created_at,
            delivered_at: delivery.delivered_at,
        }
    }
}

/// A delivery with what it says and how it went.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookDeliveryDetail")]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// The body, `null` where it was too large to be sent.
    pub payload: Value,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl From<&Delivery> for DeliveryDetail {
    fn from(delivery: &Delivery) -> Self {
        DeliveryDetail {
            delivery: DeliveryView::from(delivery),
            payload: serde_json::from_str(&delivery.body).unwrap_or_default(),
            attempts: delivery.attempts.clone(),
        }
    }
}
