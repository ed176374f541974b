//! GET /api/v1/auth/api-keys

use axum::extract::State;
use domain::identity::ApiKeyView;
use entry::{About, Answer, Shown, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Auth;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List your API keys",
    description: "Every key of the account that lives, newest first, at most 20. The keys themselves are shown only when \
                  they are made.",
    errors: &[],
};

/// The keys.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeys {
    /// Newest first.
    pub api_keys: Vec<ApiKeyView>,
}

/// One range of the account's partition; when each was used stands elsewhere, in one call.
pub async fn handle(State(auth): State<Auth>, caller: SignedIn) -> Answer<Shown<ApiKeys>> {
    let store = &auth.app.store;
    let living = store.living_keys(caller.account.id, auth.app.clock.now()).await?;
    let uses = store.last_uses(&living).await?;
    let api_keys = living.iter().zip(uses).rev().map(|(key, used)| ApiKeyView::of(key, used)).collect();
    Ok(Shown::new("Your API keys", ApiKeys { api_keys }))
}
