//! PUT /api/v1/notifications/preferences

use std::collections::BTreeMap;

use axum::extract::State;
use domain::event::Category;
use domain::identity::preferences::Switching;
use domain::{Code, Failure};
use entry::area::Events;
use entry::{About, Answer, Body, Caller, IfMatch, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use store::WriteError;
use store::identity::PreferencesChanged;

use crate::Notifications;
use crate::show_preferences::{PreferencesView, shown};

/// What the document says.
pub const ABOUT: About = About {
    summary: "Change what you are told",
    description: "Given switches change, absent ones stay. `security` cannot be switched off: whoever took an account over \
                  must not be able to keep its owner from learning it.",
    errors: &[Code::Conflict],
};

/// The switches that change.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ChangePreferences {
    /// By category.
    #[serde(default)]
    pub categories: BTreeMap<Category, Switching>,
}

/// Somebody else's change in between is no reason to bother a caller who named no version.
const MAX_ATTEMPTS: usize = 4;

/// Turns switches of the preferences as they are by now.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    expected: IfMatch,
    Body(change): Body<ChangePreferences>,
) -> Answer<Shown<PreferencesView>> {
    let (store, user) = (&state.app.store, caller.account.id);
    for _ in 0..MAX_ATTEMPTS {
        let before = store.preferences(user).await?;
        expected.check(before.version)?;
        let after = before.with(&change.categories)?;
        if after.version == before.version {
            return Ok(shown(&before));
        }
        match store.change_preferences(user, &before, &after).await {
            Ok(()) => return Ok(shown(&after)),
            Err(WriteError::Refused(PreferencesChanged)) => {}
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(Failure::new(Code::Conflict, "Somebody keeps changing this: try again").retry_after(1).into())
}
