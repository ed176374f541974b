//! Moves committed events to the queues that want them. It sees the table's stream only, never the table: its policy has
//! no right there, so it starts without the usual warm-up read.
//!
//! What it cannot deliver it reports, and the stream resumes at the first such record; a record that keeps failing ends
//! whole in the stream's failure destination. So an event may come twice, never not at all.

use std::collections::BTreeMap;

use axum::extract::FromRef;
use domain::event::{Event, Queue};
use entry::{App, Aws, Environment, Problem, Record, Start, StartError};
use queue::Queues;

/// What this function has at hand.
#[derive(Clone)]
pub struct Relay {
    /// What every function has.
    pub app: App,
    /// Where events go.
    pub queues: Queues,
}

impl Start for Relay {
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let url = |setting| environment.required(setting, "the URL of a queue").map(str::to_owned);
        let urls = queue::urls(&Queue::OF_EVENTS, url)?;
        Ok(Relay { app: App::cold(environment, aws)?, queues: Queues::connect(aws.config(), urls) })
    }
}

impl FromRef<Relay> for App {
    fn from_ref(relay: &Relay) -> App {
        relay.app.clone()
    }
}

/// Sends the events of `records` to the queues that their rows name; answers the records of those that got stuck.
pub async fn relay(relay: Relay, records: Vec<Record>) -> Vec<(String, Problem)> {
    let (wanted, mut undelivered) = sort(&records);
    for (queue, told) in wanted {
        let events: Vec<&Event> = told.iter().map(|(_, event)| *event).collect();
        let unsent = relay.queues.send(queue, &events).await.err().unwrap_or_default();
        let stuck = unsent.into_iter().filter_map(|unsent| Some((told.get(unsent.index)?, unsent.error)));
        undelivered.extend(stuck.map(|((record, _), error)| (record.sequence.clone(), Problem::internal(error))));
    }
    undelivered
}

/// Events with their records, by the queue that wants them.
type Wanted<'a> = BTreeMap<Queue, Vec<(&'a Record, &'a Event)>>;

/// Which queue wants what; and the records that tell of something unknown, which an older version of this function than
/// of its writer would do.
fn sort(records: &[Record]) -> (Wanted<'_>, Vec<(String, Problem)>) {
    let mut wanted = Wanted::new();
    let mut unknown = Vec::new();
    for record in records {
        for event in &record.events {
            let Some(row) = event.row() else {
                let cause = format!("event {} is of a type that has no row: {:?}", event.id, event.name);
                unknown.push((record.sequence.clone(), Problem::internal(cause)));
                continue;
            };
            for queue in row.wanted_by() {
                wanted.entry(queue).or_default().push((record, event));
            }
        }
    }
    (wanted, unknown)
}
