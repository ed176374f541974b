//! POST /api/v1/auth/api-keys

use std::collections::BTreeSet;

use axum::extract::State;
use domain::audit::{Act, Action};
use domain::identity::api_key::{DEFAULT_DAYS, MAX_DAYS, MAX_LIVING, MAX_SCOPES};
use domain::identity::events::UserApiKeyCreated;
use domain::identity::scope::Area;
use domain::identity::{Account, ApiKey, ApiKeyView, Role, Scope};
use domain::text::KeyName;
use domain::time::DAY;
use domain::{Code, Failure, Time};
use entry::{
    About, Answer, Attempt, Checked, Created, Keyed, Once, Origin, Problem, SignedIn, api_key, twin_is_running,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::WriteError;
use store::identity::KeyRefusal;

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Make an API key",
    description: "A program that sends it as Bearer acts as you, within the scopes and never beyond the roles that you \
                  have at that moment. The key is shown here and never again. Only an administrator may make one with \
                  scopes of `admin`. An account has at most 20 that live.",
    errors: &[Code::AuthorizationFailed, Code::QuotaExceeded, Code::Conflict],
};

/// What the key is for.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct CreateApiKey {
    /// What you call it.
    #[garde(dive)]
    pub name: Checked<KeyName>,
    /// What it may do.
    #[garde(length(min = 1, max = MAX_SCOPES), dive)]
    pub scopes: Vec<Checked<Scope>>,
    /// How long it lives.
    #[garde(range(min = 1, max = MAX_DAYS))]
    #[serde(default = "default_days")]
    pub expires_in_days: u16,
}

fn default_days() -> u16 {
    DEFAULT_DAYS
}

/// A new key. It has no Debug, since it holds the key.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewApiKey {
    /// What the list will show.
    #[serde(flatten)]
    pub seen: ApiKeyView,
    /// The key itself, only here.
    pub key: String,
}

/// Others that are made at the same time are counted too.
const MAX_ATTEMPTS: usize = 8;

/// Counts the living keys, and keeps the new one only if none was made since.
pub async fn handle(
    State(auth): State<Auth>,
    caller: SignedIn,
    origin: Origin,
    Keyed(body, key): Keyed<CreateApiKey>,
) -> Answer<Once<Created<NewApiKey>>> {
    let principal = caller.account.id.to_string();
    let attempt = Attempt::new(&auth.app, &auth.keyring, &principal, key.as_ref());
    attempt.once(async || create(&auth, caller, &origin, body, attempt).await).await
}

async fn create(
    auth: &Auth,
    caller: SignedIn,
    origin: &Origin,
    body: CreateApiKey,
    attempt: Attempt<'_>,
) -> Answer<Once<Created<NewApiKey>>> {
    let store = &auth.app.store;
    let now = auth.app.clock.now();
    let (key, text) = made(auth, &caller, body, now)?;
    let told = UserApiKeyCreated {
        user_id: key.user,
        api_key_id: key.id,
        name: key.name.as_str().to_owned(),
        scopes: key.scope_names(),
    };
    let event = auth.app.event(now, origin, Some(key.user), &[key.user], &told)?;
    let act = Act::upon_user(Action::UserApiKeyCreated, key.user).changing("apiKeys", (), key.id.to_string());
    let entry = auth.app.audit(now, origin, key.user, act);
    let answer = attempt.answer(Created::new("Keep the key: it is not shown again", shown(&key, text)), now)?;
    let mut owner = caller.account;
    for _ in 0..MAX_ATTEMPTS {
        if store.living_keys(owner.id, now).await?.len() >= MAX_LIVING {
            return Err(Failure::new(Code::QuotaExceeded, "You have 20 API keys: revoke one first").into());
        }
        match store.add_api_key(&owner, &key, event.clone(), &entry, answer.record()).await {
            Ok(()) => return Ok(answer),
            Err(WriteError::Refused(KeyRefusal::AnotherMade)) => owner = again(auth, &owner).await?,
            Err(WriteError::Refused(KeyRefusal::Repeated)) => return Err(twin_is_running().into()),
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Failure::new(Code::Conflict, "Other keys are being made: try again").retry_after(1).into())
}

fn made(auth: &Auth, caller: &SignedIn, body: CreateApiKey, now: Time) -> Result<(ApiKey, String), Failure> {
    let scopes = body.scopes.into_iter().map(Checked::get).collect::<Result<BTreeSet<Scope>, _>>()?;
    let for_staff = scopes.iter().any(|scope| scope.area == Area::Admin);
    if for_staff && !caller.roles.contains(&Role::Administrator) {
        return Err(Failure::new(Code::AuthorizationFailed, "Only an administrator may make a key for that area"));
    }
    let (id, user) = (auth.app.id(now), caller.account.id);
    let (text, hash) = api_key::make(user, id);
    let expires_at = now.plus_seconds(i64::from(body.expires_in_days) * DAY);
    let name = body.name.get()?;
    Ok((ApiKey { id, user, name, scopes, hash, created_at: now, expires_at, revoked_at: None }, text))
}

fn shown(key: &ApiKey, text: String) -> NewApiKey {
    NewApiKey { seen: ApiKeyView::of(key, None), key: text }
}

async fn again(auth: &Auth, owner: &Account) -> Result<Account, Problem> {
    Ok(auth.app.store.account(owner.id).await?.ok_or_else(Failure::not_found)?)
}
