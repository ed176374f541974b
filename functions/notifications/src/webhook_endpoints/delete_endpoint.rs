//! DELETE /api/v1/webhook-endpoints/{id}

use axum::extract::State;
use domain::{Code, Failure, Id, id};
use entry::area::Events;
use entry::{About, Answer, Caller, IfMatch, Nothing, Path, Shown};
use store::WriteError;

use super::find;
use crate::Notifications;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Delete a webhook endpoint",
    description: "What is on its way there is not tried again. Somebody else's does not exist here.",
    errors: &[Code::Conflict],
};

/// Somebody's change in between is told: whoever made it may not want this any more.
pub async fn handle(
    State(state): State<Notifications>,
    caller: Caller<Events>,
    expected: IfMatch,
    Path(id): Path<Id<id::Endpoint>>,
) -> Answer<Shown<Nothing>> {
    let endpoint = find::endpoint(&state, caller.account.id, id).await?;
    expected.check(endpoint.version)?;
    match state.app.store.remove_endpoint(&endpoint).await {
        Ok(()) => Ok(Shown::new("The endpoint is deleted", Nothing {})),
        Err(WriteError::Refused(_)) => {
            Err(Failure::new(Code::Conflict, "Somebody changed this meanwhile: try again").into())
        }
        Err(WriteError::Store(error)) => Err(error.into()),
    }
}
