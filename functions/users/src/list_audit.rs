//! GET /api/v1/users/audit

use axum::extract::State;
use domain::audit::{Action, Entry, MAX_SPAN_SECONDS};
use domain::{Failure, Time};
use entry::{About, Administrator, Answer, As, Checked, Pagination, Paging, Query, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::audit::Trail;

use crate::Users;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Read the audit trail",
    description: "What was done by right of a role, newest first: by whom, to what, when, from where and why. Two years are \
                  kept; `from` and `to` lie at most 90 days apart, and are the last 90 days unless given. A page may be \
                  shorter than `limit` though more follow. Nothing changes or removes an entry.",
    errors: &[],
};

/// Which entries.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Only what they did.
    #[garde(length(bytes, min = 1, max = 128))]
    pub actor_id: Option<String>,
    /// Only what was done to it.
    #[garde(length(bytes, min = 1, max = 128))]
    pub target_id: Option<String>,
    /// Only acts of this kind.
    #[garde(dive)]
    pub action: Option<Checked<Action>>,
    /// No earlier ones.
    #[garde(skip)]
    pub from: Option<Time>,
    /// No later ones.
    #[garde(skip)]
    pub to: Option<Time>,
}

/// A page of the trail.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entries {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// What follows.
    pub pagination: Pagination,
}

impl Filter {
    fn trail(self, now: Time) -> Result<Trail, Failure> {
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or_else(|| to.plus_seconds(-MAX_SPAN_SECONDS));
        if from > to {
            return Err(Failure::field("from", "must not lie behind `to`"));
        }
        if to.millis_since(from) > MAX_SPAN_SECONDS * 1000 {
            return Err(Failure::field("from", "must lie at most 90 days before `to`"));
        }
        let action = self.action.map(Checked::get).transpose()?;
        Ok(Trail { actor: self.actor_id, target: self.target_id, action, from, to })
    }
}

/// Two round trips at most: the index, then the entries.
pub async fn handle(
    State(users): State<Users>,
    administrator: As<Administrator>,
    Query(filter): Query<Filter>,
    paging: Paging,
) -> Answer<Shown<Entries>> {
    let caller = administrator.caller.account.id;
    let after = paging.begins(&users.cursors, &caller)?;
    let trail = filter.trail(users.app.clock.now())?;
    let page = users.app.store.audit(&trail, after, paging.limit).await?;
    let pagination = paging.follows(&users.cursors, &caller, &page)?;
    Ok(Shown::new("The audit trail", Entries { entries: page.items, pagination }))
}
