//! GET /api/v1/webhook-endpoints/event-types

use domain::event::{Category, REGISTRY};
use entry::area::Events;
use entry::{About, Answer, Caller, Shown};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List the types of events",
    description: "Every type that an endpoint may receive, with an example of its `data`.",
    errors: &[],
};

/// A type of events.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventType {
    /// Its name, as in `type` of a delivery.
    #[serde(rename = "type")]
    pub name: &'static str,
    /// Its category: `{category}.*` subscribes to all of it.
    pub category: Category,
    /// What has happened.
    pub description: &'static str,
    /// What `data` looks like.
    pub example: Value,
}

/// The types.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventTypes {
    /// In the registry's order.
    pub event_types: Vec<EventType>,
}

/// The registry's public rows.
pub async fn handle(_: Caller<Events>) -> Answer<Shown<EventTypes>> {
    let public = REGISTRY.iter().filter(|row| row.is_public);
    let told = public.map(|row| {
        let example = serde_json::from_str(row.example)?;
        Ok(EventType { name: row.name, category: row.category, description: row.description, example })
    });
    let event_types = told.collect::<Result<_, serde_json::Error>>()?;
    Ok(Shown::new("Types of events", EventTypes { event_types }))
}
