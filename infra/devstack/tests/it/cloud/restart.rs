//! What was accepted is there after a restart, whatever ended the process before.

use super::fixture::{BUCKET, CORE, Local, MAILER, SLOW, key, number};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

#[tokio::test]
async fn everything_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    {
        let local = Local::at(dir.path()).await;
        local.dynamodb().put_item().table_name(CORE).set_item(Some(key("user", "1"))).send().await.unwrap();
        local.cloud.send(SLOW, "waiting").await.unwrap();
        local.cloud.send(MAILER, "in flight").await.unwrap();
        local.cloud.receive(MAILER, 1, NOW).await.unwrap();
        local.cloud.put_object(BUCKET, "a/b", b"content".to_vec()).await.unwrap();
        local.cloud.save().await.unwrap();
    }
    let local = Local::at(dir.path()).await;
    assert_eq!(tallies(&local).await, [(MAILER.to_owned(), 1, 0), (SLOW.to_owned(), 1, 0)]);
    let item = local.dynamodb().get_item().table_name(CORE).set_key(Some(key("user", "1"))).send().await.unwrap();
    assert!(item.item.is_some());
    assert_eq!(local.cloud.receive(SLOW, 1, NOW).await.unwrap()[0].body, "waiting");
    let again = local.cloud.receive(MAILER, 1, NOW).await.unwrap();
    assert_eq!((again[0].body.as_str(), again[0].attributes["ApproximateReceiveCount"].as_str()), ("in flight", "2"));
    let object = local.s3().get_object().bucket(BUCKET).key("a/b").send().await.unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), b"content");
}

/// Each queue with what was sent there and what is done.
async fn tallies(local: &Local) -> Vec<(String, u64, u64)> {
    let queues = local.cloud.queues().await.unwrap();
    queues.into_iter().map(|queue| (queue.name, queue.sent, queue.done)).collect()
}

#[tokio::test]
async fn expired_items_are_swept_and_say_so_in_the_stream() {
    let dir = tempfile::tempdir().unwrap();
    {
        let local = Local::at(dir.path()).await;
        let put = local.dynamodb().put_item().table_name(CORE).set_item(Some(key("session", "1")));
        put.item("ttl", number(1_000_000_000)).send().await.unwrap();
    }
    // The first sweep comes with the start.
    let local = Local::at(dir.path()).await;
    for _ in 0..100 {
        let batch = local.cloud.stream_records(CORE, None, 10).await.unwrap();
        if let Some(removal) = batch.records.iter().find(|record| record["eventName"] == "REMOVE") {
            assert_eq!(removal["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was swept");
}

#[tokio::test]
async fn a_reset_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let local = Local::at(dir.path()).await;
        let client = local.dynamodb();
        client.put_item().table_name(CORE).set_item(Some(key("user", "1"))).send().await.unwrap();
        local.cloud.send(SLOW, "x").await.unwrap();
        local.cloud.put_object(BUCKET, "a", b"x".to_vec()).await.unwrap();
        local.cloud.reset().await.unwrap();
        assert_eq!(local.cloud.capacity(CORE).calls, []);
        assert_eq!(tallies(&local).await, [(MAILER.to_owned(), 0, 0), (SLOW.to_owned(), 0, 0)]);
        assert_eq!(client.scan().table_name(CORE).send().await.unwrap().count, 0);
        assert!(local.cloud.receive(SLOW, 1, NOW).await.unwrap().is_empty());
        let objects = local.s3().list_objects_v2().bucket(BUCKET).send().await.unwrap();
        assert!(objects.contents().is_empty());
    }
}

/// Not a test of its own: the process that `no_accepted_message_dies_with_the_process` kills.
#[tokio::test]
#[ignore = "started by another test"]
async fn victim() {
    let Some(dir) = std::env::var_os("VICTIM_DIR") else { return };
    let local = Local::at(&PathBuf::from(dir)).await;
    println!("listening on {}", local.cloud.address());
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_accepted_message_dies_with_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cloud::restart::victim", "--ignored", "--nocapture"])
        .env("VICTIM_DIR", dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let address = lines.map_while(Result::ok).find_map(|line| {
        let (_, address) = line.split_once("listening on ")?;
        Some(address.trim().to_owned())
    });
    let url = format!("http://{}/000000000000/{SLOW}", address.unwrap());
    let sdk = Local::in_memory().await.sdk.into_builder().endpoint_url(&url[..url.len() - SLOW.len() - 14]).build();
    let client = aws_sdk_sqs::Client::new(&sdk);
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..8 {
        let (client, url) = (client.clone(), url.clone());
        senders.spawn(async move {
            let mut accepted = Vec::new();
            for number in 0.. {
                let body = format!("{sender}-{number}");
                let send = client.send_message().queue_url(&url).message_body(&body).send();
                match tokio::time::timeout(Duration::from_secs(1), send).await {
                    Ok(Ok(_)) => accepted.push(body),
                    _ => break,
                }
            }
            accepted
        });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    victim.kill().unwrap();
    victim.wait().unwrap();
    let accepted: BTreeSet<String> = senders.join_all().await.into_iter().flatten().collect();
    assert!(accepted.len() > 10, "only {} were accepted", accepted.len());
    let local = Local::at(dir.path()).await;
    let mut found = BTreeSet::new();
    loop {
        let received = local.cloud.receive(SLOW, 100, NOW).await.unwrap();
        if received.is_empty() {
            break;
        }
        found.extend(received.into_iter().map(|message| message.body));
    }
    assert_eq!(accepted.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
}
