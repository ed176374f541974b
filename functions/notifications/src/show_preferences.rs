//! GET /api/v1/notifications/preferences

use std::collections::BTreeMap;

use axum::extract::State;
use domain::event::Category;
use domain::identity::Preferences;
use domain::identity::preferences::Switches;
use entry::area::Events;
use entry::{About, Answer, Caller, Shown};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Show what you are told",
    description: "A switch for each category and channel; all are on until you switch them off. The ETag is their version.",
    errors: &[],
};

/// Every switch.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PreferencesView {
    /// By category.
    pub categories: BTreeMap<Category, Switches>,
}

/// The preferences as their person sees them.
pub(crate) fn shown(preferences: &Preferences) -> Shown<PreferencesView> {
    Shown::new("What you are told", PreferencesView { categories: preferences.all() }).tagged(preferences.version)
}

/// One item.
pub async fn handle(State(state): State<Notifications>, caller: Caller<Events>) -> Answer<Shown<PreferencesView>> {
    Ok(shown(&state.app.store.preferences(caller.account.id).await?))
}
