//! GET /api/v1/users/stats

use domain::identity::people::PeopleStats;
use entry::{About, Answer, App, As, Operator, Shown};

use axum::extract::State;

/// What the document says.
pub const ABOUT: About = About {
    summary: "Count people",
    description: "How many there are, by status and by role, and how many registered lately, in days of UTC. A view: seconds behind.",
    errors: &[],
};

/// One query of the counters.
pub async fn handle(State(app): State<App>, _: As<Operator>) -> Answer<Shown<PeopleStats>> {
    let stats = app.store.people_stats(app.clock.now()).await?;
    Ok(Shown::new("People", stats))
}
