//! What the store relies on: conditions and transactions are atomic, and failures say what they met.

use super::fixture::{CORE, Local, key, number, text};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use std::collections::HashMap;

async fn balance(client: &Client, wallet: &str) -> i64 {
    let answer = client.get_item().table_name(CORE).set_key(Some(key(wallet, "balance"))).send().await.unwrap();
    answer.item.unwrap()["amount"].as_n().unwrap().parse().unwrap()
}

async fn open_wallet(client: &Client, wallet: &str, amount: i64) {
    let put = client.put_item().table_name(CORE).set_item(Some(key(wallet, "balance")));
    put.item("amount", number(amount)).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_parallel_writers_one_creates_the_item() {
    let local = Local::in_memory().await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let client = local.dynamodb();
        writers.spawn(async move {
            let put = client.put_item().table_name(CORE).set_item(Some(key("user", "one")));
            put.condition_expression("attribute_not_exists(pk)").send().await.is_ok()
        });
    }
    let won = writers.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_transfers_neither_make_nor_lose_money() {
    let local = Local::in_memory().await;
    let client = local.dynamodb();
    open_wallet(&client, "a", 20).await;
    open_wallet(&client, "b", 0).await;
    let mut transfers = tokio::task::JoinSet::new();
    for number in 0..40 {
        let client = client.clone();
        transfers.spawn(async move { transfer(&client, number).await });
    }
    let done = transfers.join_all().await.into_iter().filter(|done| *done).count();
    assert_eq!(done, 20);
    assert_eq!((balance(&client, "a").await, balance(&client, "b").await), (0, 20));
}

/// Moves one from `a` to `b` and leaves a journal entry, or does nothing.
async fn transfer(client: &Client, entry: usize) -> bool {
    let leg = |wallet: &str, condition: Option<&str>, change: i64| {
        let update = Update::builder()
            .table_name(CORE)
            .set_key(Some(key(wallet, "balance")))
            .update_expression("ADD amount :change")
            .set_condition_expression(condition.map(str::to_owned))
            .expression_attribute_values(":change", number(change));
        let update = match condition {
            Some(_) => update.expression_attribute_values(":floor", number(1)),
            None => update,
        };
        TransactWriteItem::builder().update(update.build().unwrap()).build()
    };
    let journal = Put::builder().table_name(CORE).set_item(Some(key("journal", &entry.to_string()))).build().unwrap();
    client
        .transact_write_items()
        .transact_items(leg("a", Some("amount >= :floor"), -1))
        .transact_items(leg("b", None, 1))
        .transact_items(TransactWriteItem::builder().put(journal).build())
        .send()
        .await
        .is_ok()
}

#[tokio::test]
async fn a_failed_condition_answers_the_item_it_met() {
    let local = Local::in_memory().await;
    let client = local.dynamodb();
    open_wallet(&client, "a", 5).await;
    let error = client
        .update_item()
        .table_name(CORE)
        .set_key(Some(key("a", "balance")))
        .update_expression("ADD amount :change")
        .condition_expression("amount >= :floor")
        .expression_attribute_values(":change", number(-10))
        .expression_attribute_values(":floor", number(10))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    let aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(failure) = error
    else {
        unreachable!()
    };
    assert_eq!(failure.item.unwrap()["amount"], number(5));
}

#[tokio::test]
async fn a_cancelled_transaction_answers_a_reason_per_operation() {
    let local = Local::in_memory().await;
    let client = local.dynamodb();
    open_wallet(&client, "a", 5).await;
    let fresh = Put::builder().table_name(CORE).set_item(Some(key("b", "balance"))).build().unwrap();
    let taken = Put::builder()
        .table_name(CORE)
        .set_item(Some(key("a", "balance")))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    let check = ConditionCheck::builder()
        .table_name(CORE)
        .set_key(Some(key("c", "balance")))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    let error = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(fresh).build())
        .transact_items(TransactWriteItem::builder().put(taken).build())
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        cancelled,
    ) = error
    else {
        panic!("{error:?}")
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed", "None"]);
    assert_eq!(reasons[1].item().unwrap()["amount"], number(5));
    let absent = client.get_item().table_name(CORE).set_key(Some(key("b", "balance"))).send().await.unwrap();
    assert_eq!(absent.item, None);
}

#[tokio::test]
async fn a_transaction_with_the_same_token_runs_once() {
    let local = Local::in_memory().await;
    let client = local.dynamodb();
    open_wallet(&client, "a", 0).await;
    let send = |change: i64| {
        let update = Update::builder()
            .table_name(CORE)
            .set_key(Some(key("a", "balance")))
            .update_expression("ADD amount :change")
            .expression_attribute_values(":change", number(change))
            .build()
            .unwrap();
        let item = TransactWriteItem::builder().update(update).build();
        client.transact_write_items().client_request_token("token-1").transact_items(item).send()
    };
    send(1).await.unwrap();
    send(1).await.unwrap();
    assert_eq!(balance(&client, "a").await, 1);
    let other = send(2).await.unwrap_err();
    assert_eq!(other.code(), Some("IdempotentParameterMismatchException"));
}

#[tokio::test]
async fn batches_and_indexes_read_what_was_written() {
    let local = Local::in_memory().await;
    let client = local.dynamodb();
    for number in 0..30 {
        let put = client.put_item().table_name(CORE).set_item(Some(key("user", &format!("{number:02}"))));
        let put = if number % 3 == 0 { put.item("staff", text("open")) } else { put };
        put.item("body", AttributeValue::B(vec![0, 255].into())).send().await.unwrap();
    }
    let keys = (0..30).map(|number| key("user", &format!("{number:02}")));
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect())).build().unwrap();
    let batch = client.batch_get_item().set_request_items(Some(HashMap::from([(CORE.to_owned(), keys)])));
    let answer = batch.send().await.unwrap();
    assert_eq!(answer.responses.unwrap()[CORE].len(), 30);
    let open = client
        .query()
        .table_name(CORE)
        .index_name("staff")
        .key_condition_expression("staff = :open")
        .expression_attribute_values(":open", text("open"))
        .send()
        .await
        .unwrap();
    assert_eq!(open.count, 10);
    assert!(!open.items()[0].contains_key("body"));
}
