//! How things are kept: the only crate that knows DynamoDB. Keys stand on one screen (`keys.rs`), every conditional write
//! names what its failure means (`write.rs`), and what has happened rides in the same transaction (`outbox.rs`).

mod condition;
pub mod cursor;
mod error;
pub mod identity;
mod item;
mod keys;
pub mod mails;
mod outbox;
mod read;
mod write;

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;

pub use error::{StoreError, WriteError};
pub use outbox::read_events;

/// One of the two tables; which is which, docs/DATA.md says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    /// What decides and what must last.
    Core,
    /// What expires by itself and may be lost.
    Transient,
}

/// The tables' names in this stage.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Name of table `core`.
    pub core: String,
    /// Name of table `transient`.
    pub transient: String,
}

/// The store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tables: Arc<Tables>,
}

impl Store {
    /// A client of the process's AWS settings. No call is made yet.
    pub fn connect(config: &SdkConfig, tables: Tables) -> Self {
        let given = config.timeout_config().filter(|given| given.operation_attempt_timeout().is_some());
        let timeouts = given.cloned().unwrap_or_else(timeouts);
        let config = Builder::from(config).timeout_config(timeouts).build();
        Store { client: Client::from_conf(config), tables: Arc::new(tables) }
    }

    /// Opens the connection, so that the first request finds it open; the answer does not matter.
    pub async fn warm_up(&self) {
        let _ = self.probe().await;
    }

    /// Whether the database answers.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.get_raw(Table::Core, &keys::probe(), read::Freshness::Eventual).await.map(|_| ())
    }

    fn table(&self, table: Table) -> &str {
        match table {
            Table::Core => &self.tables.core,
            Table::Transient => &self.tables.transient,
        }
    }
}

/// A call that gets no answer leaves time for another.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(6))
        .build()
}
