//! A cloud made from `fixtures/cloud.yaml` and SDK clients that reach it as a function would.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::{AppName, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use devstack::cloud::{Cloud, CloudOptions};
use devstack::template::{Context, Template};
use std::collections::HashMap;
use std::path::Path;

pub const CORE: &str = "test-local-core";
pub const TRANSIENT: &str = "test-local-transient";
pub const MAILER: &str = "test-local-mailer";
pub const DLQ: &str = "test-local-mailer-dlq";
pub const SLOW: &str = "test-local-slow";
pub const BUCKET: &str = "test-local-files";

pub struct Local {
    pub cloud: Cloud,
    pub sdk: SdkConfig,
}

impl Local {
    pub async fn in_memory() -> Local {
        Local::start(None).await
    }

    pub async fn at(data_dir: &Path) -> Local {
        Local::start(Some(data_dir)).await
    }

    async fn start(data_dir: Option<&Path>) -> Local {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let context =
            Context { queue_url_base: format!("http://{}", listener.local_addr().unwrap()), ..Context::default() };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cloud.yaml");
        let template = Template::load(&path, &context).unwrap();
        let options = CloudOptions { data_dir: data_dir.map(Path::to_owned), listener };
        let cloud = Cloud::start(&template, options).await.unwrap();
        let sdk = sdk(&cloud).await;
        Local { cloud, sdk }
    }

    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk)
    }

    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.sdk)
    }

    pub fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.sdk)
    }

    pub fn ses(&self) -> aws_sdk_sesv2::Client {
        aws_sdk_sesv2::Client::new(&self.sdk)
    }

    pub fn queue_url(&self, queue: &str) -> String {
        format!("http://{}/000000000000/{queue}", self.cloud.address())
    }
}

/// What the SDK makes of `Cloud::environment`, without touching this process's environment.
async fn sdk(cloud: &Cloud) -> SdkConfig {
    let variables: HashMap<String, String> = cloud.environment().into_iter().collect();
    let keys = Credentials::new(
        &variables["AWS_ACCESS_KEY_ID"],
        &variables["AWS_SECRET_ACCESS_KEY"],
        None,
        None,
        "environment",
    );
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(variables["AWS_REGION"].clone()))
        .endpoint_url(&variables["AWS_ENDPOINT_URL_DYNAMODB"])
        .credentials_provider(keys)
        .app_name(AppName::new("souk-local-auth").unwrap())
        .load()
        .await
}

pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub fn key(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}
