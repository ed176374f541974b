use super::fixture::{CORE, Local, key, text};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use devstack::cloud::Position;
use serde_json::{Value, json};

async fn put(local: &Local, sk: &str) {
    let put = local.dynamodb().put_item().table_name(CORE).set_item(Some(key("user", sk)));
    put.item("out", text("event")).send().await.unwrap();
}

fn sort_keys(records: &[Value]) -> Vec<&str> {
    let keys = records.iter().map(|record| record.pointer("/dynamodb/Keys/sk/S").unwrap());
    keys.map(|key| key.as_str().unwrap()).collect()
}

#[tokio::test]
async fn records_come_in_lambdas_shape() {
    let local = Local::in_memory().await;
    put(&local, "1").await;
    let batch = local.cloud.stream_records(CORE, None, 10).await.unwrap();
    let record = &batch.records[0];
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["eventSource"], "aws:dynamodb");
    assert_eq!(record["eventVersion"], "1.1");
    assert_eq!(record["awsRegion"], "us-east-1");
    assert_eq!(record["eventSourceARN"], "arn:aws:dynamodb:us-east-1:000000000000:table/test-local-core/stream/local");
    let change = &record["dynamodb"];
    assert_eq!(change["NewImage"], json!({"pk": {"S": "user"}, "sk": {"S": "1"}, "out": {"S": "event"}}));
    assert_eq!(change["StreamViewType"], "NEW_IMAGE");
    assert_eq!(change.get("OldImage"), None);
    assert!(change["ApproximateCreationDateTime"].as_f64().unwrap() > 1.7e9);
    assert!(change["SizeBytes"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn every_item_of_a_transaction_is_in_the_stream() {
    let local = Local::in_memory().await;
    let item = |sk: &str| {
        let put = Put::builder().table_name(CORE).set_item(Some(key("user", sk))).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let transaction = local.dynamodb().transact_write_items().transact_items(item("1")).transact_items(item("2"));
    transaction.send().await.unwrap();
    let batch = local.cloud.stream_records(CORE, None, 10).await.unwrap();
    assert_eq!(sort_keys(&batch.records), ["1", "2"]);
}

#[tokio::test]
async fn a_position_goes_on_where_it_was_even_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let position = {
        let local = Local::at(dir.path()).await;
        for sk in ["1", "2", "3"] {
            put(&local, sk).await;
        }
        let batch = local.cloud.stream_records(CORE, None, 2).await.unwrap();
        assert_eq!(sort_keys(&batch.records), ["1", "2"]);
        serde_json::to_string(&batch.position.unwrap()).unwrap()
    };
    let position: Position = serde_json::from_str(&position).unwrap();
    let local = Local::at(dir.path()).await;
    put(&local, "4").await;
    let batch = local.cloud.stream_records(CORE, Some(position), 10).await.unwrap();
    assert_eq!(sort_keys(&batch.records), ["3", "4"]);
    let end = local.cloud.stream_records(CORE, batch.position.clone(), 10).await.unwrap();
    assert_eq!((end.records.len(), end.position), (0, batch.position.clone()));
    assert_eq!(local.cloud.stream_end(CORE).await.unwrap(), batch.position);
}

#[tokio::test]
async fn a_stream_begins_anew_with_a_reset() {
    let dir = tempfile::tempdir().unwrap();
    let before = {
        let local = Local::at(dir.path()).await;
        put(&local, "old").await;
        let before = local.cloud.stream_end(CORE).await.unwrap();
        local.cloud.reset().await.unwrap();
        assert!(local.cloud.stream_records(CORE, None, 10).await.unwrap().records.is_empty());
        put(&local, "new").await;
        for after in [None, before.clone()] {
            let batch = local.cloud.stream_records(CORE, after, 10).await.unwrap();
            assert_eq!(sort_keys(&batch.records), ["new"]);
        }
        before
    };
    let local = Local::at(dir.path()).await;
    for after in [None, before] {
        let batch = local.cloud.stream_records(CORE, after, 10).await.unwrap();
        assert_eq!(sort_keys(&batch.records), ["new"]);
    }
}

#[tokio::test]
async fn writes_wake_the_reader() {
    let local = Local::in_memory().await;
    let mut writes = local.cloud.table_writes();
    put(&local, "1").await;
    assert!(writes.has_changed().unwrap());
    writes.mark_unchanged();
    local.dynamodb().get_item().table_name(CORE).set_key(Some(key("user", "1"))).send().await.unwrap();
    assert!(!writes.has_changed().unwrap());
}
