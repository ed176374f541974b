use super::super::fixture::{BUCKET, CORE, Local, TRANSIENT, key, number};
use super::{add, first};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Fault};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_lost_answer_is_a_closed_connection_after_the_deed() {
    let local = Local::in_memory().await;
    local.arm(Service::DynamoDb, "UpdateItem", Fault::Lose);
    let error = add(&local.once()).send().await.unwrap_err();
    let SdkError::DispatchFailure(failure) = &error else { panic!("{error:?}") };
    assert!(format!("{failure:?}").contains("IncompleteMessage"), "{failure:?}");
    assert_eq!(local.added().await, 1);
    // The SDK takes it for a passing failure: what has no condition is done twice.
    local.arm(Service::DynamoDb, "UpdateItem", Fault::Lose);
    add(&local.dynamodb()).send().await.unwrap();
    assert_eq!(local.added().await, 3);
}

#[tokio::test]
async fn half_an_answer_and_no_answer_at_all_are_errors_after_the_deed() {
    let local = Local::in_memory().await;
    for (n, fault) in [Fault::Truncate, Fault::Garble].into_iter().enumerate() {
        local.arm(Service::DynamoDb, "UpdateItem", fault.clone());
        let error = add(&local.once()).send().await.unwrap_err();
        let is_unread = matches!(error, SdkError::ResponseError(_) | SdkError::DispatchFailure(_));
        assert!(is_unread || error.as_service_error().is_some(), "{fault}: {error:?}");
        assert_eq!(local.added().await, n as u64 + 1, "{fault}");
    }
}

#[tokio::test]
async fn half_an_object_is_an_error() {
    let local = Local::in_memory().await;
    let config = aws_sdk_s3::config::Builder::from(&local.sdk).retry_config(RetryConfig::disabled());
    let client = aws_sdk_s3::Client::from_conf(config.force_path_style(true).build());
    let put = client.put_object().bucket(BUCKET).key("a").body(b"0123456789".to_vec().into());
    put.send().await.unwrap();
    local.arm(Service::S3, "GetObject", Fault::Truncate);
    let got = client.get_object().bucket(BUCKET).key("a").send().await.unwrap();
    assert_eq!(got.content_length, Some(10));
    got.body.collect().await.unwrap_err();
    let got = client.get_object().bucket(BUCKET).key("a").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "0123456789");
}

#[tokio::test]
async fn a_late_answer_finds_its_caller_gone_and_the_deed_done() {
    let local = Local::in_memory().await;
    local.arm(Service::DynamoDb, "UpdateItem", Fault::Delay(Duration::from_secs(20)));
    let begun = Instant::now();
    let error = add(&local.impatient(Duration::from_secs(2))).send().await.unwrap_err();
    assert!(matches!(error, SdkError::TimeoutError(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(local.added().await, 1);
    local.arm(Service::DynamoDb, "UpdateItem", Fault::Delay(Duration::from_millis(100)));
    let begun = Instant::now();
    add(&local.once()).send().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_duplicate_is_executed_twice_and_a_transaction_with_a_token_once() {
    let local = Local::in_memory().await;
    local.arm(Service::DynamoDb, "UpdateItem", Fault::Duplicate);
    add(&local.once()).send().await.unwrap();
    assert_eq!(local.added().await, 2);

    local.arm(Service::DynamoDb, "PutItem", Fault::Duplicate);
    local.once().put_item().table_name(TRANSIENT).set_item(Some(key("p", "1"))).send().await.unwrap();
    let puts = local.cloud.capacity(TRANSIENT).calls;
    assert_eq!((puts[0].operation.as_str(), puts[0].count), ("PutItem", 2));

    // The SDK gives each transaction a token; the answer to its twin is the first one's.
    local.arm(Service::DynamoDb, "TransactWriteItems", Fault::Duplicate);
    let update = Update::builder().table_name(CORE).set_key(Some(key("sum", "1"))).update_expression("ADD n :one");
    let update = update.condition_expression("n = :two").expression_attribute_values(":one", number(1));
    let update = update.expression_attribute_values(":two", number(2)).build().unwrap();
    let item = TransactWriteItem::builder().update(update).build();
    local.once().transact_write_items().transact_items(item).send().await.unwrap();
    assert!(local.cloud.faults().fired());
    assert_eq!(local.added().await, 3);
}

#[tokio::test]
async fn a_killed_caller_hears_nothing() {
    let local = Local::in_memory().await;
    for (fault, done) in [(Fault::KillBefore, 0), (Fault::KillAfter, 1)] {
        local.arm(Service::DynamoDb, "UpdateItem", fault.clone());
        // There is no process: the test is told, and drops the request as the end of the process would.
        tokio::select! {
            answered = add(&local.once()).send() => panic!("{fault}: {answered:?}"),
            () = local.cloud.faults().killed() => {}
        }
        assert!(local.cloud.faults().fired());
        assert_eq!(local.added().await, done, "{fault}");
        local.cloud.faults().calm();
    }
}

#[tokio::test]
async fn only_the_armed_call_is_met_and_only_once() {
    let local = Local::in_memory().await;
    let faults = local.cloud.faults();
    let second = Address { n: 1, ..first(Service::DynamoDb, "UpdateItem") };
    faults.arm(second.clone(), Fault::Status(500));
    let client = local.once();
    client.get_item().table_name(CORE).set_key(Some(key("sum", "1"))).send().await.unwrap();
    add(&client).send().await.unwrap();
    assert!(!faults.fired());
    add(&client).send().await.unwrap_err();
    assert!(faults.fired());
    add(&client).send().await.unwrap();
    let get = first(Service::DynamoDb, "GetItem");
    let third = Address { n: 2, ..second.clone() };
    assert_eq!(faults.recorded(), [get.clone(), first(Service::DynamoDb, "UpdateItem"), second, third]);
    faults.record();
    client.get_item().table_name(CORE).set_key(Some(key("sum", "1"))).send().await.unwrap();
    assert_eq!(faults.recorded(), [get]);
    assert!(faults.decisions().is_empty());
}
