//! AWS in one process: DynamoDB, SQS, S3 and SES v2 behind one address, the tap.
//!
//! Nothing is lost when the process dies, even by SIGKILL: every change is on disk before it is answered.
//! - DynamoDB is a SQLite file (`dynamodb.sqlite`), committed per request.
//! - Messages and mails are rows of a second one (`state.sqlite`): a message is inserted before SendMessage is answered and
//!   goes away with DeleteMessage; what was in flight becomes visible at the next start, since nobody works on it any more.
//! - Buckets are files under `buckets/`, written before PutObject is answered.
//!
//! Queues, tables and buckets themselves are declared anew from the template at each start.

mod buckets;
mod call;
mod capacity;
mod dynamodb;
pub mod faults;
mod mailbox;
mod queues;
mod state;
mod streams;
mod tap;

pub use call::{Call, Service};
pub use capacity::{CallCapacity, Capacity, ServiceCalls};
pub use mailbox::Mail;
pub use queues::{QueueDepth, QueueMessage};
pub use streams::{Position, StreamBatch};

use crate::template::Template;
use buckets::Buckets;
use capacity::Counters;
use dynamodb::DynamoDb;
use faults::Faults;
use mailbox::Mailbox;
use queues::Queues;
use state::State;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How often expired items and messages are removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Where the local cloud keeps its data and listens.
pub struct CloudOptions {
    /// None keeps everything in memory.
    pub data_dir: Option<PathBuf>,
    /// The tap's listener. The caller binds it, because queue URLs in the template need its port.
    pub listener: TcpListener,
}

/// Why the local cloud could not do something.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    #[error("{path}: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("cannot listen: {0}")]
    Listen(std::io::Error),
    #[error("DynamoDB: {0}")]
    DynamoDb(String),
    #[error("messages and mails: {0}")]
    State(#[from] rusqlite::Error),
    #[error("SQS: {0}")]
    Sqs(String),
    #[error("S3: {0}")]
    S3(String),
    #[error("there is no queue `{0}`")]
    UnknownQueue(String),
    #[error("queue `{0}` has no dead letter queue")]
    NoDeadLetterQueue(String),
}

/// The running local cloud; dropping it stops the tap.
pub struct Cloud {
    parts: Arc<Parts>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

/// What the tap serves from.
struct Parts {
    dynamodb: DynamoDb,
    queues: Queues,
    buckets: Buckets,
    mailbox: Mailbox,
    counters: Counters,
    faults: Faults,
}

impl Cloud {
    /// Starts the tap and makes what the template declares; what exists already keeps its data.
    pub async fn start(template: &Template, options: CloudOptions) -> Result<Cloud, CloudError> {
        winterbaume_core::set_default_account_id(crate::template::ACCOUNT);
        let data_dir = options.data_dir.as_deref();
        if let Some(dir) = data_dir {
            std::fs::create_dir_all(dir).map_err(|source| folder(dir, source))?;
        }
        let address = options.listener.local_addr().map_err(CloudError::Listen)?;
        let state = Arc::new(State::open(data_dir)?);
        let faults = Faults::default();
        let parts = Arc::new(Parts {
            dynamodb: DynamoDb::start(data_dir, &template.tables).await?,
            queues: Queues::start(Arc::clone(&state), &template.queues, faults.clone()).await?,
            buckets: Buckets::start(data_dir, address, &template.buckets).await?,
            mailbox: Mailbox::new(state),
            counters: Counters::default(),
            faults,
        });
        let tasks = vec![
            tokio::spawn(tap::serve(options.listener, Arc::clone(&parts))),
            tokio::spawn(sweep(Arc::clone(&parts))),
        ];
        Ok(Cloud { parts, address, tasks })
    }

    /// Where the tap listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What goes wrong on purpose: nothing, until it is told otherwise.
    pub fn faults(&self) -> &Faults {
        &self.parts.faults
    }

    /// The variables that lead an AWS SDK here. Services that do not run here lead here too, where they are refused:
    /// nothing local may reach AWS. `AWS_SDK_UA_APP_ID` names the function and is for the caller to set.
    pub fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ENDPOINT_URL_DYNAMODB", &endpoint),
            ("AWS_ENDPOINT_URL_SQS", &endpoint),
            ("AWS_ENDPOINT_URL_S3", &endpoint),
            ("AWS_ENDPOINT_URL_SESV2", &endpoint),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_REGION", crate::template::REGION),
            ("AWS_DEFAULT_REGION", crate::template::REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// The mails sent so far, newest first; `to` keeps those to this address.
    pub fn mails(&self, to: Option<&str>) -> Result<Vec<Mail>, CloudError> {
        Ok(self.parts.mailbox.list(to)?)
    }

    /// The capacity consumed on `table` since start or reset.
    pub fn capacity(&self, table: &str) -> Capacity {
        self.parts.counters.capacity(table)
    }

    /// The calls to SQS, S3 and SES since start or reset.
    pub fn service_calls(&self) -> Vec<ServiceCalls> {
        self.parts.counters.service_calls()
    }

    /// Stores an object; for the failure destination of event sources.
    pub async fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<(), CloudError> {
        self.parts.buckets.put_object(bucket, key, body).await
    }

    /// Empties tables, queues, buckets, mailbox and counters.
    pub async fn reset(&self) -> Result<(), CloudError> {
        self.parts.queues.clear()?;
        self.parts.dynamodb.clear().await?;
        self.parts.buckets.clear().await?;
        self.parts.mailbox.clear()?;
        self.parts.counters.clear();
        // Once more: a function may have sent something while the tables went.
        self.parts.queues.clear()
    }

    /// Folds SQLite's journals into their files. Nothing would be lost without it.
    pub async fn save(&self) -> Result<(), CloudError> {
        Ok(self.parts.mailbox.checkpoint()?)
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Removes expired items and messages now and then, as AWS does.
async fn sweep(parts: Arc<Parts>) {
    let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        ticks.tick().await;
        if let Err(error) = parts.dynamodb.sweep().await {
            tracing::warn!(%error, "sweeping expired items");
        }
        if let Err(error) = parts.queues.expire() {
            tracing::warn!(%error, "sweeping expired messages");
        }
    }
}

fn folder(path: &Path, source: std::io::Error) -> CloudError {
    CloudError::Folder { path: path.to_owned(), source }
}
