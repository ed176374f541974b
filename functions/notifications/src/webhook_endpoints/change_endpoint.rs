//! PUT and PATCH /api/v1/webhook-endpoints/{id}

use axum::extract::State;
use domain::identity::webhook::pattern::MAX_PATTERNS;
use domain::identity::webhook::{Description, Endpoint, EndpointStatus, EndpointUrl, EndpointView, EventPattern};
use domain::{Code, Failure, Id, id};
use entry::area::Events;
use entry::{About, Answer, Body, Caller, Change, Checked, IfMatch, Path, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;

use super::create_endpoint::{patterns, within_reach};
use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Change a webhook endpoint",
    description: "PUT and PATCH both merge: given fields change, absent ones stay; only `description` can be cleared. \
                  Disabling ends what is on its way there; enabling starts clean. Secret: see rotate-secret.",
    errors: &[Code::Conflict],
};

/// The fields that change.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct ChangeEndpoint {
    #[garde(dive)]
    pub url: Change<Checked<EndpointUrl>>,
    #[garde(dive)]
    pub event_types: Change<EventTypes>,
    #[garde(dive)]
    pub description: Change<Checked<Description>>,
    #[garde(skip)]
    pub status: Change<EndpointStatus>,
}

/// What it takes from now on.
#[derive(Clone, Debug, Deserialize, JsonSchema, Validate)]
#[garde(transparent)]
pub struct EventTypes(#[garde(length(min = 1, max = MAX_PATTERNS), dive)] Vec<Checked<EventPattern>>);

/// What a field is set to, where it cannot be cleared.
fn given<T>(field: &str, change: Change<T>) -> Result<Option<T>, Failure> {
    match change {
        Change::Keep => Ok(None),
        Change::Clear => Err(Failure::field(field, "cannot be cleared")),
        Change::Set(value) => Ok(Some(value)),
    }
}

impl ChangeEndpoint {
    /// `before` with these changes.
    fn apply(self, before: &Endpoint, state: &Notifications) -> Result<Endpoint, Failure> {
        let mut after = match (given("status", self.status)?, before.status) {
            (Some(EndpointStatus::Active), EndpointStatus::Disabled) => before.enabled(state.app.clock.now()),
            (Some(EndpointStatus::Disabled), EndpointStatus::Active) => before.disabled(None),
            _ => before.clone(),
        };
        if let Some(url) = given("url", self.url)? {
            after.url = within_reach(state, url.get()?)?;
        }
        // Another address has not failed yet.
        if after.url != before.url {
            after.failing_since = None;
        }
        if let Some(EventTypes(types)) = given("eventTypes", self.event_types)? {
            after.event_types = patterns(types)?;
        }
        self.description.get()?.apply(&mut after.description);
        after.version = before.version;
        after.version += u64::from(after != *before);
        Ok(after)
    }
}

/// Somebody else's change in between is no reason to bother a caller who named no version.
const MAX_ATTEMPTS: usize = 4;

/// Changes the endpoint as it is by now.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    expected: IfMatch,
    Path(id): Path<Id<id::Endpoint>>,
    Body(change): Body<ChangeEndpoint>,
) -> Answer<Shown<EndpointView>> {
    for _ in 0..MAX_ATTEMPTS {
        let before = find::endpoint(&state, caller.account.id, id).await?;
        expected.check(before.version)?;
        let after = change.clone().apply(&before, &state)?;
        let written = match after.version == before.version {
            true => Ok(()),
            false => state.app.store.change_endpoint(&before, &after).await,
        };
        match written {
            Ok(()) => return Ok(Shown::new("Your webhook endpoint", EndpointView::from(&after)).tagged(after.version)),
            Err(WriteError::Refused(_)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Failure::new(Code::Conflict, "Somebody keeps changing this: try again").retry_after(1).into())
}
