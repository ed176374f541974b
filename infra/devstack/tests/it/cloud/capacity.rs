use super::fixture::{CORE, Local, TRANSIENT, key, number};
use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem};
use devstack::cloud::CallCapacity;

fn call(operation: &str, count: u64, rcu: f64, wcu: f64) -> CallCapacity {
    CallCapacity { function: "souk-local-auth".to_owned(), operation: operation.to_owned(), count, rcu, wcu }
}

#[tokio::test]
async fn capacity_is_counted_per_table_function_and_operation() {
    let local = Local::in_memory().await;
    let client = local.dynamodb();
    for sk in ["1", "2"] {
        client.put_item().table_name(CORE).set_item(Some(key("user", sk))).send().await.unwrap();
    }
    client.get_item().table_name(CORE).set_key(Some(key("user", "1"))).send().await.unwrap();
    let put = |table: &str| {
        let put = Put::builder().table_name(table).set_item(Some(key("both", "1"))).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let both = client.transact_write_items().transact_items(put(CORE)).transact_items(put(TRANSIENT));
    both.send().await.unwrap();

    let core = local.cloud.capacity(CORE);
    assert_eq!((core.rcu, core.wcu), (0.5, 4.0));
    assert_eq!(
        core.calls,
        [call("GetItem", 1, 0.5, 0.0), call("PutItem", 2, 0.0, 2.0), call("TransactWriteItems", 1, 0.0, 2.0)]
    );
    assert_eq!(local.cloud.capacity(TRANSIENT).calls, [call("TransactWriteItems", 1, 0.0, 2.0)]);
}

#[tokio::test]
async fn who_did_not_ask_for_capacity_does_not_see_it() {
    let local = Local::in_memory().await;
    let put = || local.dynamodb().put_item().table_name(CORE).set_item(Some(key("user", "1")));
    assert_eq!(put().send().await.unwrap().consumed_capacity, None);
    let asked = put().return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
    assert_eq!(asked.consumed_capacity.unwrap().capacity_units, Some(1.0));
    assert_eq!(local.cloud.capacity(CORE).wcu, 2.0);
}

#[tokio::test]
async fn a_refused_write_counts_as_a_call() {
    let local = Local::in_memory().await;
    let update = local.dynamodb().update_item().table_name(CORE).set_key(Some(key("user", "1")));
    let update = update.update_expression("SET a = :a").expression_attribute_values(":a", number(1));
    update.condition_expression("attribute_exists(pk)").send().await.unwrap_err();
    assert_eq!(local.cloud.capacity(CORE).calls, [call("UpdateItem", 1, 0.0, 0.0)]);
}
