//! POST /api/v1/webhook-endpoints

use axum::extract::State;
use domain::id::User;
use domain::identity::webhook::pattern::MAX_PATTERNS;
use domain::identity::webhook::{
    Description, Endpoint, EndpointScope, EndpointStatus, EndpointUrl, EndpointView, EventPattern, MAX_ENDPOINTS,
    Secret, secret,
};
use domain::{Code, Failure, Id, Time};
use entry::area::Events;
use entry::keys::random;
use entry::{About, Answer, Attempt, Caller, Checked, Created, Keyed, Once, Problem, twin_is_running};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;
use store::identity::EndpointRefusal;

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Make a webhook endpoint",
    description: "Public events that concern you are posted there from now on, signed by Standard Webhooks. `secret` is \
                  shown here and never again. At most 10 endpoints; `scope` other than `own` is not open to anybody yet.",
    errors: &[Code::AuthorizationFailed, Code::QuotaExceeded],
};

/// Where to, and what.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct CreateEndpoint {
    /// An https address on the public internet.
    #[garde(dive)]
    pub url: Checked<EndpointUrl>,
    /// Types, groups of them, or `*`.
    #[garde(length(min = 1, max = MAX_PATTERNS), dive)]
    pub event_types: Vec<Checked<EventPattern>>,
    /// What it is for.
    #[garde(dive)]
    #[serde(default)]
    pub description: Option<Checked<Description>>,
    /// Whose events.
    #[garde(skip)]
    #[serde(default)]
    pub scope: EndpointScope,
}

/// The endpoint, and what it checks signatures with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: EndpointView,
    /// `whsec_` and 32 bytes in base64; not shown again.
    pub secret: String,
}

/// Patterns that hold, each once.
pub(super) fn patterns(given: Vec<Checked<EventPattern>>) -> Result<Vec<EventPattern>, Failure> {
    let mut patterns: Vec<EventPattern> = Vec::with_capacity(given.len());
    for pattern in given {
        let pattern = pattern.get()?;
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    Ok(patterns)
}

/// The address, if webhooks may go there.
pub(super) fn within_reach(state: &Notifications, url: EndpointUrl) -> Result<EndpointUrl, Failure> {
    match url.within(state.reach) {
        Ok(_) => Ok(url),
        Err(refused) => Err(Failure::field("url", refused.to_string())),
    }
}

/// Counted in the transaction that makes it, so that no race makes an eleventh; kept there for whoever asks again.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    Keyed(wanted, key): Keyed<CreateEndpoint>,
) -> Answer<Once<Created<CreatedEndpoint>>> {
    if wanted.scope == EndpointScope::Platform {
        return Err(
            Failure::new(Code::AuthorizationFailed, "Endpoints for all events are not open to anybody yet").into()
        );
    }
    let owner = caller.account.id;
    let principal = owner.to_string();
    let attempt = Attempt::new(&state.app, &state.keyring, &principal, key.as_ref());
    attempt
        .once(async || {
            let now = state.app.clock.now();
            let (endpoint, secret) = made(&state, owner, wanted, now)?;
            let created = CreatedEndpoint { endpoint: EndpointView::from(&endpoint), secret: secret.reveal() };
            let created = Created::new("The endpoint is ready: keep its secret", created).tagged(endpoint.version);
            let answer = attempt.answer(created, now)?;
            match state.app.store.add_endpoint(&endpoint, answer.record()).await {
                Ok(()) => Ok(answer),
                Err(WriteError::Refused(EndpointRefusal::TooMany)) => {
                    let message = format!("You have {MAX_ENDPOINTS} endpoints, and no more are possible");
                    Err(Failure::new(Code::QuotaExceeded, message).into())
                }
                Err(WriteError::Refused(_)) => Err(twin_is_running().into()),
                Err(WriteError::Store(error)) => Err(error.into()),
            }
        })
        .await
}

fn made(
    state: &Notifications,
    owner: Id<User>,
    wanted: CreateEndpoint,
    now: Time,
) -> Result<(Endpoint, Secret), Problem> {
    let id = state.app.id(now);
    let secret = Secret::new(random());
    let sealed = state.keyring.seal(secret::LABEL, &id.to_string(), secret.bytes()).map_err(Problem::internal)?;
    let endpoint = Endpoint {
        id,
        owner,
        url: within_reach(state, wanted.url.get()?)?,
        event_types: patterns(wanted.event_types)?,
        description: wanted.description.map(Checked::get).transpose()?,
        status: EndpointStatus::Active,
        disabled_reason: None,
        active_since: now,
        secret: sealed,
        previous: None,
        created_at: now,
        last_success_at: None,
        failing_since: None,
        version: 1,
    };
    Ok((endpoint, secret))
}
