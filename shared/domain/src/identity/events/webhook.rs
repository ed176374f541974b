//! What happens to webhook endpoints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::row;
use crate::event::{Category, Payload, Queue, Row};
use crate::{Id, id};

/// Why an endpoint gets nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DisabledReason {
    /// It answered 410: it is gone for good.
    Gone,
    /// It did nothing but fail for days.
    Failing,
}

/// A webhook endpoint gets nothing more until its owner opens it again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct WebhookEndpointDisabled {
    pub endpoint_id: Id<id::Endpoint>,
    pub reason: DisabledReason,
}
impl Payload for WebhookEndpointDisabled {
    const ROW: &'static Row = &row("webhook_endpoint.disabled", Category::Webhooks, &[Queue::Mailer]).told("Webhook endpoint disabled").showing(
        "An endpoint gets nothing more: it answered 410 (`gone`) or did nothing but fail for five days (`failing`).",
        r#"{"endpointId":"whe_01h455vb4pex5vsknk084sn02q","reason":"failing"}"#,
    );
}

/// A delivery that an owner asked for, to see whether their endpoint works.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct WebhookTest {
    pub endpoint_id: Id<id::Endpoint>,
    pub message: String,
}
impl Payload for WebhookTest {
    const ROW: &'static Row = &row("webhook.test", Category::Webhooks, &[]).showing(
        "Sent when you ask for it, to the endpoint that you name.",
        r#"{"endpointId":"whe_01h455vb4pex5vsknk084sn02q","message":"This is a test."}"#,
    );
}
