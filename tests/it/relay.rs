//! The relay: what has been committed reaches the queues that want it, or is reported.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::event::{Event, Queue};
use entry::{Start, answer_records};
use outbox_relay::Relay;
use queue::Queues;
use serde_json::{Value, json};
use testkit::Sandbox;

use crate::events::{mailed, out_of_reach, payload, stand_in, unmailed};

const MAILER: &str = "souk-local-mailer";

async fn start(sandbox: &Sandbox) -> Relay {
    Relay::start(&sandbox.environment("outbox-relay"), &sandbox.aws).await.unwrap()
}

/// A record of the table's stream that tells `events`.
fn record(sequence: &str, events: &[Event]) -> Value {
    record_of(sequence, &serde_json::to_vec(events).unwrap())
}

fn record_of(sequence: &str, out: &[u8]) -> Value {
    json!({
        "eventID": sequence,
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_168_800,
            "Keys": { "pk": { "S": "USR#x" }, "sk": { "S": sequence } },
            "NewImage": { "pk": { "S": "USR#x" }, "sk": { "S": sequence }, "out": { "B": STANDARD.encode(out) } },
            "SequenceNumber": sequence,
            "SizeBytes": 500,
            "StreamViewType": "NEW_IMAGE"
        },
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/souk-local-core/stream/local"
    })
}

/// The sequence number where the stream is to resume, if something failed.
async fn resumes_at(relay: &Relay, records: Vec<Value>) -> Option<String> {
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let answer = answer_records(relay, event, outbox_relay::relay).await;
    let answer = serde_json::to_value(answer).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    assert!(failures.len() <= 1, "{failures:?}");
    failures.first().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
}

/// What lies in queue mailer, as it was sent.
async fn queued(sandbox: &Sandbox) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let messages = sandbox.cloud.receive(MAILER, 10, Duration::ZERO).await.unwrap();
        if messages.is_empty() {
            return events;
        }
        events.extend(messages.iter().map(|message| serde_json::from_str::<Event>(&message.body).unwrap()));
    }
}

#[tokio::test]
async fn events_reach_the_queues_of_their_rows_once_and_in_order() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    let events: Vec<Event> = (0..25).map(|n| mailed(&format!("ada{n}@example.com"))).collect();
    let records = events.iter().enumerate().map(|(n, event)| record(&format!("{n:03}"), std::slice::from_ref(event)));
    assert_eq!(resumes_at(&relay, records.collect()).await, None);
    assert_eq!(queued(&sandbox).await, events);
    let sends = sandbox.cloud.service_calls();
    assert!(sends.iter().any(|call| call.operation == "SendMessageBatch" && call.count == 3), "{sends:?}");
    assert_eq!(sandbox.spent().calls, 0, "the relay has no right to the table");
}

#[tokio::test]
async fn a_record_may_tell_several_events() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    let (first, second, third) = (mailed("a@example.com"), mailed("b@example.com"), mailed("c@example.com"));
    let one = record("1", &[unmailed(), first.clone(), second.clone()]);
    let other = record("2", &[third.clone(), unmailed()]);
    let nothing_told = record("3", &[]);
    assert_eq!(resumes_at(&relay, vec![one, other, nothing_told]).await, None);
    assert_eq!(queued(&sandbox).await, [first, second, third]);
}

#[tokio::test]
async fn an_event_of_unknown_type_is_reported_and_holds_up_nobody() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    let (before, after) = (mailed("a@example.com"), mailed("b@example.com"));
    let unknown = Event { name: "user.levitated".into(), ..mailed("c@example.com") };
    let records = vec![
        record("1", std::slice::from_ref(&before)),
        record("2", &[unknown]),
        record("3", std::slice::from_ref(&after)),
    ];
    assert_eq!(resumes_at(&relay, records).await.as_deref(), Some("2"));
    assert_eq!(queued(&sandbox).await, [before, after]);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_reported() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    let good = mailed("a@example.com");
    let records =
        vec![record("1", std::slice::from_ref(&good)), record_of("2", b"[{\"id\":1}]"), record_of("3", b"\xff")];
    assert_eq!(resumes_at(&relay, records).await.as_deref(), Some("2"));
    assert_eq!(queued(&sandbox).await, [good]);
}

#[tokio::test]
async fn the_stream_resumes_at_the_first_event_that_did_not_get_out() {
    let sandbox = Sandbox::start().await;
    let mut relay = start(&sandbox).await;
    let delivering = relay.queues.clone();
    let urls = [(Queue::Mailer, "http://queue.example/000000000000/mailer".to_owned())];
    relay.queues = Queues::connect(out_of_reach(&sandbox).await.config(), urls.into());
    let events: Vec<Event> = (0..25).map(|n| mailed(&format!("ada{n}@example.com"))).collect();
    let told =
        events.iter().enumerate().map(|(n, event)| record(&format!("{:03}", n + 2), std::slice::from_ref(event)));
    let records: Vec<Value> = std::iter::once(record("001", &[])).chain(told).collect();
    assert_eq!(resumes_at(&relay, records.clone()).await.as_deref(), Some("002"));

    relay.queues = delivering;
    assert_eq!(resumes_at(&relay, records[1..].to_vec()).await, None);
    assert_eq!(queued(&sandbox).await, events);
}

#[tokio::test]
async fn a_queue_without_a_url_is_a_failure_not_a_silence() {
    let sandbox = Sandbox::start().await;
    let mut relay = start(&sandbox).await;
    relay.queues = Queues::connect(sandbox.aws.config(), BTreeMap::new());
    let records = vec![record("1", &[]), record("2", &[mailed("a@example.com")])];
    assert_eq!(resumes_at(&relay, records).await.as_deref(), Some("2"));
}

/// A queue that takes a message the `n`th time it comes, and never those to `nobody@`.
async fn reluctant(sandbox: &Sandbox, n: usize, bodies: Arc<Mutex<Vec<String>>>) -> Queues {
    let aws = stand_in(sandbox, move |request| {
        let (mut taken, mut failed) = (Vec::new(), Vec::new());
        for entry in request["Entries"].as_array().unwrap() {
            let body = entry["MessageBody"].as_str().unwrap().to_owned();
            let mut bodies = bodies.lock().unwrap();
            bodies.push(body.clone());
            let times = bodies.iter().filter(|sent| **sent == body).count();
            let is_late = body.contains("late");
            match body.contains("nobody") {
                true => {
                    failed.push(json!({ "Id": entry["Id"], "Code": "InvalidMessageContents", "SenderFault": true }))
                }
                false if is_late && times < n => {
                    failed.push(json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": false }))
                }
                false => taken.push(json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "-" })),
            }
        }
        (StatusCode::OK, json!({ "Successful": taken, "Failed": failed }))
    })
    .await;
    let urls = [(Queue::Mailer, "http://queue.example/000000000000/mailer".to_owned())];
    Queues::connect(aws.config(), urls.into())
}

#[tokio::test]
async fn only_messages_that_failed_are_sent_again() {
    let sandbox = Sandbox::start().await;
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let relay = Relay { queues: reluctant(&sandbox, 3, bodies.clone()).await, ..start(&sandbox).await };
    let records = ["a@example.com", "late@example.com", "b@example.com"];
    let records = records.iter().enumerate().map(|(n, to)| record(&n.to_string(), &[mailed(to)]));
    assert_eq!(resumes_at(&relay, records.collect()).await, None);
    let bodies = bodies.lock().unwrap();
    assert_eq!((bodies.len(), bodies.iter().filter(|body| body.contains("late")).count()), (5, 3));
}

#[tokio::test]
async fn sending_again_ends_after_a_few_times_and_at_once_where_it_is_of_no_use() {
    let sandbox = Sandbox::start().await;
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let relay = Relay { queues: reluctant(&sandbox, 100, bodies.clone()).await, ..start(&sandbox).await };
    let records = ["a@example.com", "late@example.com", "nobody@example.com"];
    let records = records.iter().enumerate().map(|(n, to)| record(&n.to_string(), &[mailed(to)]));
    assert_eq!(resumes_at(&relay, records.collect()).await.as_deref(), Some("1"));
    let bodies = bodies.lock().unwrap();
    let times = |to: &str| bodies.iter().filter(|body| body.contains(to)).count();
    assert_eq!((times("a@"), times("late"), times("nobody")), (1, 3, 1));
}

#[tokio::test]
async fn large_events_travel_in_more_batches() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    let large = |n: usize| {
        let mut event = mailed(&format!("ada{n}@example.com"));
        event.data["note"] = "x".repeat(200 * 1024).into();
        event
    };
    let events: Vec<Event> = (0..4).map(large).collect();
    assert_eq!(resumes_at(&relay, vec![record("1", &events)]).await, None);
    assert_eq!(queued(&sandbox).await, events);
}

#[tokio::test]
async fn the_sample_payload_is_delivered() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    let records = payload("outbox-relay")["Records"].as_array().unwrap().clone();
    assert_eq!(resumes_at(&relay, records).await, None);
    let names: Vec<String> = queued(&sandbox).await.into_iter().map(|event| event.name).collect();
    assert_eq!(names, ["user.registered", "user.locked"]);
}

#[tokio::test]
async fn a_queue_that_is_gone_fails_its_probe() {
    let sandbox = Sandbox::start().await;
    let relay = start(&sandbox).await;
    assert_eq!(relay.queues.probe(Queue::Mailer).await, Ok(()));
    let url = format!("http://{}/000000000000/none", sandbox.cloud.address());
    let gone = Queues::connect(sandbox.aws.config(), [(Queue::Mailer, url)].into());
    assert!(matches!(gone.probe(Queue::Mailer).await, Err(queue::QueueError::Refused(_))));
}
