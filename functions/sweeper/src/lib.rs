//! What falls due. Each minute a schedule has the one due list looked through: what is due goes to queue `due` and off the
//! list (`sweep.rs`). The same function takes that queue, and each message goes to the handler of its kind (`handle.rs`),
//! which lies in the folder of its chapter.
//!
//! A crash between queue and list has a record found again, so everything may come twice, and late; handlers act under the
//! condition of the state that waited. What keeps failing ends in the queue's dead letters and holds up nobody.

mod find;
mod handle;
mod identity;
mod sweep;

use axum::extract::FromRef;
use domain::event::Queue;
use entry::{App, Aws, Environment, Start, StartError};
use queue::Queues;

pub use handle::handle;
pub use sweep::{Order, sweep};

/// What this function has at hand.
#[derive(Clone)]
pub struct Sweeper {
    /// What every function has.
    pub app: App,
    /// Where due messages go, and what handlers hand on.
    pub queues: Queues,
}

const QUEUES: [Queue; 3] = [Queue::Due, Queue::Mailer, Queue::WebhookSender];

impl Start for Sweeper {
    /// Starts without the usual warm-up read: nobody waits for a schedule.
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let url = |setting| environment.required(setting, "the URL of a queue").map(str::to_owned);
        let urls = queue::urls(&QUEUES, url)?;
        Ok(Sweeper { app: App::cold(environment, aws)?, queues: Queues::connect(aws.config(), urls) })
    }
}

impl FromRef<Sweeper> for App {
    fn from_ref(sweeper: &Sweeper) -> App {
        sweeper.app.clone()
    }
}
