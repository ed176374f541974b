//! POST /api/v1/webhook-endpoints/{id}/test

use axum::extract::State;
use domain::identity::events::WebhookTest;
use domain::identity::webhook::EndpointStatus;
use domain::{Code, Failure, Id, id};
use entry::area::Events;
use entry::{About, Accepted, Answer, Caller, Origin, Path};
use schemars::JsonSchema;
use serde::Serialize;

use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Send a test to a webhook endpoint",
    description: "An event `webhook.test` goes there at once, whatever it subscribed to, and to no other endpoint. Look for \
                  it among its deliveries.",
    errors: &[Code::Conflict],
};

/// What was sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestSent {
    /// Header `webhook-id` of the delivery.
    pub event_id: Id<id::Event>,
}

/// An event like any other: it travels the same way.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    origin: Origin,
    Path(id): Path<Id<id::Endpoint>>,
) -> Answer<Accepted<TestSent>> {
    let user = caller.account.id;
    let endpoint = find::endpoint(&state, user, id).await?;
    if endpoint.status == EndpointStatus::Disabled {
        return Err(Failure::new(Code::Conflict, "The endpoint is disabled: enable it first").into());
    }
    let told = WebhookTest { endpoint_id: id, message: "This is a test.".to_owned() };
    let event = state.app.event(state.app.clock.now(), &origin, Some(user), &[user], &told)?;
    let event_id = event.id;
    state.app.store.tell(user, event).await?;
    Ok(Accepted::new("A test is on its way", TestSent { event_id }))
}
