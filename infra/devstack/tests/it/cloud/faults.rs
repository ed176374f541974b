//! Faults on purpose, as SDKs see them.

mod chance;
mod messages;
mod refusals;
mod wire;

use super::fixture::{CORE, Local, key, number};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Fault};
use std::time::Duration;

/// The application of the fixture is `souk-local-auth`.
fn first(service: Service, operation: &str) -> Address {
    Address { function: "auth".to_owned(), service, operation: operation.to_owned(), n: 0 }
}

impl Local {
    fn arm(&self, service: Service, operation: &str, fault: Fault) {
        self.cloud.faults().arm(first(service, operation), fault);
    }

    /// A client that asks once and waits so long.
    fn impatient(&self, attempt: Duration) -> aws_sdk_dynamodb::Client {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
        let config = aws_sdk_dynamodb::config::Builder::from(&self.sdk);
        let config = config.retry_config(RetryConfig::disabled()).timeout_config(timeouts);
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    fn once(&self) -> aws_sdk_dynamodb::Client {
        self.impatient(Duration::from_secs(30))
    }

    /// How often `add` was executed.
    async fn added(&self) -> u64 {
        let item = self.dynamodb().get_item().table_name(CORE).set_key(Some(key("sum", "1"))).send().await.unwrap();
        let count = item.item.and_then(|item| item["n"].as_n().ok().map(|n| n.parse().unwrap()));
        count.unwrap_or(0)
    }
}

/// An update that shows how often it was executed.
fn add(
    client: &aws_sdk_dynamodb::Client,
) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
    let update = client.update_item().table_name(CORE).set_key(Some(key("sum", "1")));
    update.update_expression("ADD n :one").expression_attribute_values(":one", number(1))
}
