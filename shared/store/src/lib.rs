//! How things are kept: the only crate that knows DynamoDB. Keys stand on one screen (`keys.rs`), every conditional write
//! names what its failure means (`write.rs`), and what has happened rides in the same transaction (`outbox.rs`).

pub mod audit;
mod batch;
mod condition;
pub mod cursor;
mod due;
mod error;
pub mod identity;
mod item;
mod keys;
pub mod ledger;
mod list;
mod mail_budgets;
pub mod mails;
pub mod once;
mod outbox;
pub mod rates;
mod read;
mod staff;
mod transact;
pub mod walk;
mod write;

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;

pub use due::{DueCursor, DuePage};
pub use error::{StoreError, WriteError};
pub use list::Order;
pub use mail_budgets::FormClaim;
pub use outbox::read_events;
pub use read::Freshness;
pub use write::Write;

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
        Store::connect_within(config, tables, [1, 2, 6])
    }

    /// The same for a person at the other end, perhaps on another continent, who waits for pages of 1 MB.
    pub fn connect_patiently(config: &SdkConfig, tables: Tables) -> Self {
        Store::connect_within(config, tables, [5, 20, 60])
    }

    /// Seconds for a connection, for one attempt (which leaves time for another), and for all of them, where the
    /// settings say nothing.
    fn connect_within(config: &SdkConfig, tables: Tables, [connect, attempt, operation]: [u64; 3]) -> Self {
        let ours = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(connect))
            .operation_attempt_timeout(Duration::from_secs(attempt))
            .operation_timeout(Duration::from_secs(operation))
            .build();
        let given = config.timeout_config().filter(|given| given.operation_attempt_timeout().is_some());
        let timeouts = given.cloned().unwrap_or(ours);
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
