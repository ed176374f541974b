//! What keeps failing ends where somebody sees it, and holds nobody else up.

use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::local::Local;
use super::tables::{CORE, client};
use super::waiting::until;

/// Five deliveries take fifteen seconds when nothing else is to do.
const LIMIT: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_cannot_be_read_ends_in_the_dlq_and_mails_go_on() {
    let local = Local::start().await;
    for body in ["this is no JSON", r#"{"id":"evt_nonsense"}"#] {
        local.stack.cloud().send("souk-local-mailer", body).await.unwrap();
    }
    local.visitor.join("ada@example.com").await;
    let depth = async || {
        let queues = local.visitor.control("/control/queues").await;
        let mailer = queues.as_array()?.iter().find(|queue| queue["name"] == "mailer")?.clone();
        mailer["dlqDepth"].as_u64()
    };
    until("both are in the DLQ", LIMIT, async || (depth().await == Some(2)).then_some(())).await;
    let queues = local.visitor.control("/control/queues").await;
    assert_eq!((&queues[0]["visible"], &queues[0]["inFlight"]), (&Value::from(0), &Value::from(0)), "{queues}");
    assert_eq!(local.visitor.control("/control/mail").await.as_array().unwrap().len(), 1);
    local.end().await;
}

/// The texts of all objects in the stream's failure destination.
async fn given_up(local: &Local) -> Vec<String> {
    let config = testkit::sdk_config(&local.stack.urls.cloud);
    let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    let bucket = "souk-local-events-dlq-000000000000";
    let listed = s3.list_objects_v2().bucket(bucket).send().await.unwrap();
    let mut texts = Vec::new();
    for object in listed.contents() {
        let object = s3.get_object().bucket(bucket).key(object.key().unwrap()).send().await.unwrap();
        let bytes = object.body.collect().await.unwrap().into_bytes();
        texts.push(String::from_utf8(bytes.to_vec()).unwrap());
    }
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_cannot_be_read_is_kept_whole_and_later_ones_flow() {
    let local = Local::start().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let garbage = AttributeValue::B(Blob::new(*b"\xffno events"));
    let put = client(&local.stack).put_item().table_name(CORE).item("pk", text("POISON#1")).item("sk", text("HEAD"));
    put.item("out", garbage).send().await.unwrap();
    // It comes after the poison in the stream, so its mail waits until that has been given up.
    local.visitor.join("ada@example.com").await;
    let kept = until("the record is in the bucket", LIMIT, async || {
        let kept = given_up(&local).await;
        (!kept.is_empty()).then_some(kept)
    })
    .await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    let document: Value = serde_json::from_str(&kept[0]).unwrap();
    assert_eq!(document["DDBStreamBatchInfo"]["batchSize"], 1);
    let payload: Value = serde_json::from_str(document["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["Records"][0]["dynamodb"]["Keys"]["pk"]["S"], "POISON#1");
    assert_eq!(payload["Records"][0]["dynamodb"]["NewImage"]["out"]["B"], "/25vIGV2ZW50cw==");
    local.end().await;
}
