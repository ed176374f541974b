//! What lies in the tables, seen from behind the functions.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use devstack::Stack;

pub const CORE: &str = "souk-local-core";
pub const TRANSIENT: &str = "souk-local-transient";

pub fn client(stack: &Stack) -> Client {
    Client::new(&testkit::sdk_config(&stack.urls.cloud))
}

/// Every item of both tables, comparable.
pub async fn everything(stack: &Stack) -> Vec<String> {
    let mut items = Vec::new();
    for table in [CORE, TRANSIENT] {
        let answer = client(stack).scan().table_name(table).consistent_read(true).send().await.unwrap();
        assert!(answer.last_evaluated_key.is_none(), "more than one page");
        let lines = answer.items.unwrap_or_default().into_iter().map(|item| {
            let attributes: BTreeMap<String, AttributeValue> = item.into_iter().collect();
            format!("{table} {attributes:?}")
        });
        items.extend(lines);
    }
    items.sort();
    items
}

/// Write units spent on both tables since the start.
pub fn written(stack: &Stack) -> f64 {
    [CORE, TRANSIENT].iter().map(|table| stack.cloud().capacity(table).wcu).sum()
}
