//! Endpoints are looked for among the caller's own: somebody else's is not found.

use domain::id::User;
use domain::identity::webhook::Endpoint;
use domain::{Failure, Id, id};
use entry::Problem;

use crate::Notifications;

pub(super) async fn endpoint(
    state: &Notifications,
    owner: Id<User>,
    endpoint: Id<id::Endpoint>,
) -> Result<Endpoint, Problem> {
    Ok(state.app.store.endpoint(owner, endpoint).await?.ok_or_else(Failure::not_found)?)
}
