use super::fixture::{DLQ, Local, MAILER, SLOW};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::MessageAttributeValue;
use devstack::cloud::QueueDepth;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

/// What lies in a queue and its dead letter queue, and how many were done; all of them were sent.
fn depth(name: &str, visible: usize, in_flight: usize, dlq_depth: usize, done: u64) -> QueueDepth {
    let sent = (visible + in_flight + dlq_depth) as u64 + done;
    QueueDepth { name: name.to_owned(), visible, in_flight, delayed: 0, dlq_depth, sent, done }
}

#[tokio::test]
async fn a_sent_message_reaches_the_event_source_in_lambdas_shape() {
    let local = Local::in_memory().await;
    let value = MessageAttributeValue::builder().data_type("String").string_value("welcome").build().unwrap();
    let send = local.sqs().send_message().queue_url(local.queue_url(SLOW)).message_body("{\"a\":1}");
    let sent = send.message_attributes("kind", value).send().await.unwrap();
    let received = local.cloud.receive(SLOW, 10, NOW).await.unwrap();
    let record = serde_json::to_value(&received[0]).unwrap();
    assert_eq!(record["messageId"], sent.message_id.unwrap());
    assert_eq!(record["md5OfBody"], sent.md5_of_message_body.unwrap());
    assert_eq!(record["body"], "{\"a\":1}");
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["eventSourceARN"], format!("arn:aws:sqs:us-east-1:000000000000:{SLOW}"));
    assert_eq!(record["awsRegion"], "us-east-1");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    let attribute = &record["messageAttributes"]["kind"];
    assert_eq!((attribute["stringValue"].as_str(), attribute["dataType"].as_str()), (Some("welcome"), Some("String")));

    assert_eq!(local.cloud.queues().await.unwrap(), [depth(MAILER, 0, 0, 0, 0), depth(SLOW, 0, 1, 0, 0)]);
    local.cloud.delete(SLOW, &received[0].receipt_handle).await.unwrap();
    assert_eq!(local.cloud.queues().await.unwrap()[1], depth(SLOW, 0, 0, 0, 1));
}

#[tokio::test]
async fn receivers_wait_for_messages() {
    let local = Local::in_memory().await;
    let (received, ()) = tokio::join!(local.cloud.receive(SLOW, 10, Duration::from_secs(20)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        local.cloud.send(SLOW, "late").await.unwrap();
    });
    assert_eq!(received.unwrap()[0].body, "late");
}

#[tokio::test]
async fn parallel_receivers_never_share_a_message() {
    let local = Local::in_memory().await;
    for number in 0..50 {
        local.cloud.send(SLOW, &number.to_string()).await.unwrap();
    }
    let rounds = (0..10).map(|_| local.cloud.receive(SLOW, 5, NOW));
    let received = futures::future::join_all(rounds).await;
    let mut bodies: Vec<String> = received.into_iter().flat_map(Result::unwrap).map(|message| message.body).collect();
    bodies.sort_by_key(|body| body.parse::<u32>().unwrap());
    assert_eq!(bodies, (0..50).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_keeps_failing_ends_in_the_dead_letter_queue_and_comes_back() {
    let local = Local::in_memory().await;
    local.cloud.send(MAILER, "poison").await.unwrap();
    for _ in 0..2 {
        let received = local.cloud.receive(MAILER, 1, NOW).await.unwrap();
        local.cloud.change_visibility(MAILER, &received[0].receipt_handle, NOW).await.unwrap();
    }
    assert!(local.cloud.receive(MAILER, 1, NOW).await.unwrap().is_empty());
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 0, 0, 1, 0));
    let dead = local.sqs().receive_message().queue_url(local.queue_url(DLQ)).visibility_timeout(1).send();
    assert_eq!(dead.await.unwrap().messages()[0].body(), Some("poison"));
    assert_eq!(local.cloud.redrive(MAILER).await.unwrap(), 1);
    let again = local.cloud.receive(MAILER, 1, NOW).await.unwrap();
    assert_eq!((again[0].body.as_str(), again[0].attributes["ApproximateReceiveCount"].as_str()), ("poison", "1"));
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 0, 1, 0, 0));
    assert!(local.cloud.redrive(SLOW).await.is_err());
}

#[tokio::test]
async fn each_message_is_counted_once_when_sent_and_once_when_done() {
    let local = Local::in_memory().await;
    local.cloud.send(MAILER, "seen twice").await.unwrap();
    let first = local.cloud.receive(MAILER, 1, NOW).await.unwrap();
    local.cloud.change_visibility(MAILER, &first[0].receipt_handle, NOW).await.unwrap();
    let second = local.cloud.receive(MAILER, 1, NOW).await.unwrap();
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 0, 1, 0, 0));
    for receipt in [&first, &second, &second] {
        local.cloud.delete(MAILER, &receipt[0].receipt_handle).await.unwrap();
    }
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 0, 0, 0, 1));
}

#[tokio::test]
async fn a_letter_moved_back_by_hand_and_a_purge_keep_the_sum() {
    let local = Local::in_memory().await;
    let sqs = local.sqs();
    local.cloud.send(DLQ, "letter").await.unwrap();
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 0, 0, 1, 0));
    let dead = sqs.receive_message().queue_url(local.queue_url(DLQ)).send().await.unwrap();
    local.cloud.send(MAILER, "letter").await.unwrap();
    let receipt = dead.messages()[0].receipt_handle().unwrap();
    sqs.delete_message().queue_url(local.queue_url(DLQ)).receipt_handle(receipt).send().await.unwrap();
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 1, 0, 0, 1));
    sqs.purge_queue().queue_url(local.queue_url(MAILER)).send().await.unwrap();
    assert_eq!(local.cloud.queues().await.unwrap()[0], depth(MAILER, 0, 0, 0, 1));
}

#[tokio::test]
async fn an_unfinished_message_is_seen_again_after_its_visibility_timeout() {
    let local = Local::in_memory().await;
    local.cloud.send(MAILER, "again").await.unwrap();
    let first = local.cloud.receive(MAILER, 1, NOW).await.unwrap();
    assert!(local.cloud.receive(MAILER, 1, NOW).await.unwrap().is_empty());
    let second = local.cloud.receive(MAILER, 1, Duration::from_secs(5)).await.unwrap();
    assert_eq!(second[0].attributes["ApproximateReceiveCount"], "2");
    // The first receipt is outdated: as in SQS it deletes nothing.
    local.cloud.delete(MAILER, &first[0].receipt_handle).await.unwrap();
    assert_eq!(local.cloud.queues().await.unwrap()[0].in_flight, 1);
}

#[tokio::test]
async fn the_sdk_sees_queues_as_declared() {
    let local = Local::in_memory().await;
    let attributes = local
        .sqs()
        .get_queue_attributes()
        .queue_url(local.queue_url(MAILER))
        .attribute_names(aws_sdk_sqs::types::QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let attributes = attributes.attributes.unwrap();
    let of = |name: &str| attributes[&name.into()].as_str();
    assert_eq!(of("VisibilityTimeout"), "1");
    assert_eq!(of("ApproximateNumberOfMessages"), "0");
    assert!(of("RedrivePolicy").contains("test-local-mailer-dlq"));
}

#[tokio::test]
async fn what_sqs_would_refuse_is_refused() {
    let local = Local::in_memory().await;
    let large = "x".repeat(1_048_577);
    let send = local.sqs().send_message().queue_url(local.queue_url(SLOW)).message_body(large).send();
    assert_eq!(send.await.unwrap_err().code(), Some("InvalidParameterValue"));
    let url = local.queue_url("test-local-unknown");
    let unknown = local.sqs().send_message().queue_url(url).message_body("x").send().await.unwrap_err();
    assert!(unknown.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn calls_are_counted_per_function() {
    let local = Local::in_memory().await;
    for _ in 0..3 {
        local.sqs().send_message().queue_url(local.queue_url(SLOW)).message_body("x").send().await.unwrap();
    }
    let calls = serde_json::to_value(local.cloud.service_calls()).unwrap();
    let expected = serde_json::json!([
        {"service": "sqs", "function": "souk-local-auth", "operation": "SendMessage", "count": 3}
    ]);
    assert_eq!(calls, expected);
}
