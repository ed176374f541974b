//! Which copy of the system is meant, and the way there.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use blobs::Blobs;
use domain::event::Queue;
use entry::Clock;
use queue::desk::Desk;
use queue::redrive::Mover;
use store::{Store, Tables};

use crate::AdminError;

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `cargo dev`, by its first port; the AWS parts are two above it.
    Local(u16),
    /// A stage in AWS, by the ordinary credentials.
    Stage {
        /// Its name.
        name: String,
        /// Another table in place of its own: one that was restored from a backup.
        core_table: Option<String>,
    },
}

/// One copy of the system, within reach.
#[derive(Clone, Debug)]
pub struct Souk {
    /// Its name.
    pub stage: String,
    /// The tables.
    pub store: Store,
    /// The queues.
    pub desk: Desk,
    /// The buckets.
    pub blobs: Blobs,
    /// The time.
    pub clock: Clock,
    pub(crate) mover: Mover,
    pub(crate) config: SdkConfig,
    /// Another table in place of the stage's own.
    pub(crate) core_table: Option<String>,
}

/// The name of what the stream gives up on, beside the queues.
pub const EVENTS: &str = "events";

impl Souk {
    /// The copy that `target` names.
    ///
    /// # Errors
    /// When no region or no credentials are to be found.
    pub async fn reach(target: &Target) -> Result<Self, AdminError> {
        match target {
            Target::Local(port) => Ok(Souk::at("local", local(*port), Mover::Hand)),
            Target::Stage { name, core_table } => {
                let souk = Souk::at(name, aws().await?, Mover::Service);
                Ok(match core_table {
                    Some(table) => souk.with_core_table(table),
                    None => souk,
                })
            }
        }
    }

    /// The copy of that name behind these AWS settings. No call is made yet.
    pub fn at(stage: &str, config: SdkConfig, mover: Mover) -> Self {
        Souk {
            stage: stage.to_owned(),
            store: Store::connect_patiently(&config, tables(stage)),
            desk: Desk::connect(&config, stage),
            blobs: Blobs::connect(&config),
            clock: Clock::default(),
            mover,
            config,
            core_table: None,
        }
    }

    /// The same with another table `core`.
    pub fn with_core_table(self, name: &str) -> Self {
        let tables = Tables { core: name.to_owned(), ..tables(&self.stage) };
        let store = Store::connect_patiently(&self.config, tables);
        Souk { store, core_table: Some(name.to_owned()), ..self }
    }

    /// The bucket of what the stream gave up on. Its name ends with the account, which the URL of a queue tells.
    pub(crate) async fn events_bucket(&self) -> Result<String, AdminError> {
        let url = self.desk.url(Queue::Mailer.as_str()).await?;
        let account = url.rsplit('/').nth(1).unwrap_or_default();
        Ok(format!("souk-{}-events-dlq-{account}", self.stage))
    }
}

/// The short names of all queues that hold work; each has its dead-letter queue.
pub fn queues() -> Vec<&'static str> {
    Queue::ALL.into_iter().map(Queue::as_str).collect()
}

fn tables(stage: &str) -> Tables {
    Tables { core: format!("souk-{stage}-core"), transient: format!("souk-{stage}-transient") }
}

fn local(port: u16) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "souk-admin");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://127.0.0.1:{}", port.saturating_add(2)))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// Asked for before the first call, because a call that finds none says only that it could not be sent.
async fn aws() -> Result<SdkConfig, AdminError> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    if config.region().is_none() {
        return Err(AdminError::NoWay("no region: set AWS_REGION, or AWS_PROFILE to a profile that has one"));
    }
    let found = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.is_ok(),
        None => false,
    };
    match found {
        true => Ok(config),
        false => Err(AdminError::NoWay(
            "no AWS credentials: sign in with `aws`, then run: eval \"$(aws configure export-credentials --format env)\"",
        )),
    }
}
