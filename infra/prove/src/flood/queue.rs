//! A queue through its real API.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use devstack::Urls;
use devstack::template::ACCOUNT;
use futures::{StreamExt as _, TryStreamExt as _};

/// What SendMessageBatch and ReceiveMessage hold.
const BATCH: usize = 10;
const SENDERS: usize = 8;

/// Sends all bodies, in about this order.
///
/// # Errors
/// A message is not taken.
pub async fn send(aws: &SdkConfig, urls: &Urls, queue: &str, bodies: &[String]) -> Result<(), String> {
    let (client, url) = (Client::new(aws), url(urls, queue));
    let batches: Vec<_> = bodies.chunks(BATCH).map(|bodies| send_batch(&client, &url, bodies)).collect();
    futures::stream::iter(batches).buffered(SENDERS).try_collect().await
}

async fn send_batch(client: &Client, url: &str, bodies: &[String]) -> Result<(), String> {
    let entries = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body).build());
    let entries = entries.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let sent = client.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await;
    let sent = sent.map_err(|error| format!("SendMessageBatch: {:?}", error.into_service_error()))?;
    match sent.failed() {
        [] => Ok(()),
        [first, ..] => Err(format!("a message was not taken: {first:?}")),
    }
}

/// Takes everything that lies in a queue: how often each body does.
///
/// # Errors
/// The queue cannot be read.
pub async fn drain(aws: &SdkConfig, urls: &Urls, queue: &str) -> Result<BTreeMap<String, usize>, String> {
    let (client, url) = (Client::new(aws), url(urls, queue));
    let mut bodies = BTreeMap::new();
    let ten = i32::try_from(BATCH).unwrap_or(10);
    loop {
        let received = client.receive_message().queue_url(&url).max_number_of_messages(ten).send().await;
        let received = received.map_err(|error| format!("ReceiveMessage: {:?}", error.into_service_error()))?;
        if received.messages().is_empty() {
            return Ok(bodies);
        }
        for message in received.messages() {
            *bodies.entry(message.body().unwrap_or_default().to_owned()).or_default() += 1;
            let receipt = message.receipt_handle().unwrap_or_default();
            let deleted = client.delete_message().queue_url(&url).receipt_handle(receipt).send().await;
            deleted.map_err(|error| format!("DeleteMessage: {:?}", error.into_service_error()))?;
        }
    }
}

fn url(urls: &Urls, queue: &str) -> String {
    format!("{}/{ACCOUNT}/{queue}", urls.cloud)
}
