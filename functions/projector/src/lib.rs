//! Keeps the views that can be made anew from what is kept elsewhere: who is found by which word, and the counters behind
//! the statistics. An event only says whom to look at; what the views are to hold follows from the account as it is, so
//! events may come twice, late and in any order.

use domain::event::{Event, Queue};
use domain::{Id, id};
use entry::{App, Problem};
use serde::Deserialize;
use store::identity::Thoroughness;

/// What every event about a person says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    user_id: Id<id::User>,
}

/// Brings the views up to date with whom `event` is about. A failure brings the event back.
pub async fn handle(app: App, event: Event) -> Result<(), Problem> {
    if !event.row().is_some_and(|row| row.queues.contains(&Queue::Projector)) {
        return Err(Problem::internal(format!("no view shows events of type {:?}", event.name)));
    }
    let unreadable = |_| Problem::internal(format!("the data of an event {} cannot be read", event.name));
    let about = About::deserialize(&event.data).map_err(unreadable)?;
    Ok(app.store.project_person(about.user_id, Thoroughness::Changes).await?)
}
