//! What this function has at hand beyond [`App`].

use std::sync::Arc;

use axum::extract::FromRef;
use blobs::Blobs;
use domain::event::Queue;
use entry::{App, Aws, Environment, Start, StartError};
use queue::Queues;
use tokio::sync::Mutex;

use crate::checks::Checks;

/// The state of `docs`.
#[derive(Clone)]
pub struct Docs {
    /// What every function has.
    pub app: App,
    pub(crate) checks: Checks,
}

impl Start for Docs {
    /// The first checks open all three connections now, while the CPU is generous: three TLS handshakes at the share of
    /// a request would make the first health check fail by time alone.
    async fn start(environment: &Environment, aws: &Aws) -> Result<Self, StartError> {
        let app = App::cold(environment, aws)?;
        let mailer = environment.required(queue::setting(Queue::Mailer), "URL of queue mailer")?;
        let bucket = environment.required("BUCKET_EVENTS_DLQ", "name of bucket events-dlq")?;
        let checks = Checks {
            store: app.store.clone(),
            queues: Queues::connect(aws.config(), [(Queue::Mailer, mailer.to_owned())].into()),
            blobs: Blobs::connect(aws.config()),
            bucket: bucket.to_owned(),
            last: Arc::new(Mutex::new(None)),
        };
        checks.findings(app.clock.now()).await;
        Ok(Docs { app, checks })
    }
}

impl FromRef<Docs> for App {
    fn from_ref(docs: &Docs) -> App {
        docs.app.clone()
    }
}
