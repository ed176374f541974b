//! What lies in the tables, seen from behind the functions.

use aws_sdk_dynamodb::Client;
use devstack::Stack;

use crate::world::in_order;

pub const CORE: &str = "souk-local-core";
pub const TRANSIENT: &str = "souk-local-transient";

pub fn client(stack: &Stack) -> Client {
    Client::new(&testkit::sdk_config(&stack.urls.cloud))
}

/// Every item of both tables, comparable, but for the counters of requests: those count what is refused as well.
pub async fn everything(stack: &Stack) -> Vec<String> {
    let mut items = Vec::new();
    for table in [CORE, TRANSIENT] {
        let answer = client(stack).scan().table_name(table).consistent_read(true).send().await.unwrap();
        assert!(answer.last_evaluated_key.is_none(), "more than one page");
        let lines = answer.items.unwrap_or_default();
        items.extend(lines.iter().map(|item| format!("{table} {}", in_order(item))));
    }
    items.retain(|item| !item.contains("RATE#"));
    items.sort();
    items
}

/// Write units spent on table core since the start.
pub fn written(stack: &Stack) -> f64 {
    stack.cloud().capacity(CORE).wcu
}
