//! Dead letters are looked at without losing one, and go back to where they came from.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::event::{Event, Queue};
use queue::desk::Desk;
use queue::redrive::{Moved, Mover};
use serde_json::{Value, json};
use souk_admin::dead_letters::{Line, list, redrive, show};
use testkit::Sandbox;

use super::operator;
use crate::events::{mailed, stand_in, unmailed};

const MAILER: &str = "souk-local-mailer";
const WEBHOOK_SENDER: &str = "souk-local-webhook-sender";
const DLQ: &str = "souk-local-mailer-dlq";
const BUCKET: &str = "souk-local-events-dlq-000000000000";

/// Puts messages straight into the dead-letter queue.
async fn bury(sandbox: &Sandbox, bodies: &[String]) {
    for body in bodies {
        sandbox.cloud.send(DLQ, body).await.unwrap();
    }
}

fn bodies(count: usize) -> Vec<String> {
    (0..count).map(|n| serde_json::to_string(&mailed(&format!("ada{n}@example.com"))).unwrap()).collect()
}

async fn depths(sandbox: &Sandbox) -> (u64, u64) {
    let lines = list(&operator(sandbox)).await.unwrap();
    let mailer = lines.iter().find(|line| line.queue == "mailer").unwrap();
    (mailer.visible, mailer.dead)
}

#[tokio::test]
async fn every_queue_of_the_template_is_listed_with_its_dead_letters() {
    let sandbox = Sandbox::start().await;
    sandbox.cloud.send(MAILER, "waits").await.unwrap();
    bury(&sandbox, &bodies(2)).await;
    sandbox.cloud.put_object(BUCKET, "aws/lambda/x", b"{}".to_vec()).await.unwrap();
    let lines = list(&operator(&sandbox)).await.unwrap();
    let line = |queue: &str, visible, dead| Line { queue: queue.to_owned(), visible, in_flight: 0, dead };
    let other = |name: &str| !["mailer", "events"].contains(&name);
    let idle = souk_admin::target::queues().into_iter().filter(|name| other(name)).map(|name| line(name, 0, 0));
    let expected: Vec<Line> = [line("mailer", 1, 2)].into_iter().chain(idle).chain([line("events", 0, 1)]).collect();
    assert_eq!(lines, expected);

    let declared = sandbox.template.queues.iter().filter(|queue| queue.redrive.is_some());
    let declared: Vec<&str> = declared.filter_map(|queue| queue.name.strip_prefix("souk-local-")).collect();
    assert_eq!(declared, souk_admin::target::queues(), "a queue that the tool does not know");
}

#[tokio::test]
async fn looking_at_dead_letters_leaves_them() {
    let sandbox = Sandbox::start().await;
    let souk = operator(&sandbox);
    let sent = [bodies(12), vec!["this is no JSON".to_owned()]].concat();
    bury(&sandbox, &sent).await;
    for _ in 0..2 {
        let letters = show(&souk, "mailer", 100).await.unwrap();
        assert_eq!(letters.len(), 13);
        assert!(letters.iter().all(|letter| letter.sent_at.is_some()));
        assert!(letters.iter().any(|letter| letter.body["type"] == "mail.already_registered"));
        assert!(letters.iter().any(|letter| letter.body == json!("this is no JSON")));
    }
    assert_eq!(show(&souk, "mailer", 3).await.unwrap().len(), 3);
    let left = sandbox.cloud.receive(DLQ, 10, Duration::ZERO).await.unwrap();
    assert_eq!(left.len(), 10, "they are visible again at once");
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_named_with_those_that_are() {
    let sandbox = Sandbox::start().await;
    let souk = operator(&sandbox);
    for queue in ["mail", "mailer-dlq", "", "../mailer"] {
        let shown = show(&souk, queue, 1).await.unwrap_err().to_string();
        let known = souk_admin::target::queues().join(", ");
        assert!(shown.contains("there is no queue") && shown.contains(&format!("{known}, events")), "{shown}");
        assert_eq!(redrive(&souk, queue).await.unwrap_err().to_string(), shown);
    }
}

#[tokio::test]
async fn redrive_moves_dead_letters_back_once_and_again() {
    let sandbox = Sandbox::start().await;
    let souk = operator(&sandbox);
    for round in 1..=2 {
        bury(&sandbox, &bodies(12)).await;
        let redriven = redrive(&souk, "mailer").await.unwrap();
        assert_eq!((redriven.moved, redriven.goes_on), (12, false));
        assert_eq!(depths(&sandbox).await, (round * 12, 0));
    }
    assert_eq!(redrive(&souk, "mailer").await.unwrap().moved, 0);
}

/// A stand-in for SQS that answers tasks by `task`, and has one message to move.
async fn with_tasks(sandbox: &Sandbox, task: fn() -> (StatusCode, Value), calls: Arc<Mutex<Vec<Value>>>) -> Desk {
    let moved = Arc::new(Mutex::new(false));
    let aws = stand_in(sandbox, move |request| {
        calls.lock().unwrap().push(request.clone());
        let ok = |answer| (StatusCode::OK, answer);
        if let Some(name) = request["QueueName"].as_str() {
            return ok(json!({ "QueueUrl": format!("https://sqs.example/123456789012/{name}") }));
        }
        if request["DestinationArn"].is_string() {
            return task();
        }
        if request["SourceArn"].is_string() {
            let entry = json!({ "Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7 });
            return ok(json!({ "Results": [entry] }));
        }
        if request["AttributeNames"].is_array() {
            let name = request["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
            let arn = format!("arn:aws:sqs:us-east-1:123456789012:{name}");
            return ok(json!({ "Attributes": { "QueueArn": arn, "ApproximateNumberOfMessages": "1" } }));
        }
        if request["MaxNumberOfMessages"].is_number() {
            let message = json!({ "MessageId": "m1", "ReceiptHandle": "r1", "Body": "letter" });
            let messages = if std::mem::replace(&mut *moved.lock().unwrap(), true) { vec![] } else { vec![message] };
            return ok(json!({ "Messages": messages }));
        }
        ok(json!({ "MessageId": "m2" }))
    })
    .await;
    Desk::connect(aws.config(), "prod")
}

#[tokio::test]
async fn in_aws_a_task_of_sqs_moves_them() {
    let sandbox = Sandbox::start().await;
    let calls = Arc::default();
    let desk = with_tasks(&sandbox, || (StatusCode::OK, json!({ "TaskHandle": "task" })), Arc::clone(&calls)).await;
    assert_eq!(desk.redrive("mailer", Mover::Service).await, Ok(Moved::All(7)));
    let calls = calls.lock().unwrap();
    let started = calls.iter().find(|call| call["DestinationArn"].is_string()).unwrap();
    assert_eq!(started["SourceArn"], "arn:aws:sqs:us-east-1:123456789012:souk-prod-mailer-dlq");
    assert_eq!(started["DestinationArn"], "arn:aws:sqs:us-east-1:123456789012:souk-prod-mailer");
    assert!(calls.iter().all(|call| call["MessageBody"].is_null()));
}

#[tokio::test]
async fn where_there_are_no_tasks_each_message_is_sent_before_it_is_deleted() {
    let sandbox = Sandbox::start().await;
    let calls = Arc::default();
    let none = || (StatusCode::BAD_REQUEST, json!({ "__type": "com.amazonaws.sqs#UnknownOperationException" }));
    let desk = with_tasks(&sandbox, none, Arc::clone(&calls)).await;
    assert_eq!(desk.redrive("mailer", Mover::Service).await, Ok(Moved::All(1)));
    let calls = calls.lock().unwrap();
    let sent = calls.iter().position(|call| call["MessageBody"] == "letter").unwrap();
    let deleted = calls.iter().position(|call| call["ReceiptHandle"] == "r1").unwrap();
    assert!(sent < deleted);
    assert!(calls[sent]["QueueUrl"].as_str().unwrap().ends_with("souk-prod-mailer"));
    assert!(calls[deleted]["QueueUrl"].as_str().unwrap().ends_with("souk-prod-mailer-dlq"));
}

/// An object as Lambda writes it.
fn given_up(events: &[Event]) -> Vec<u8> {
    let out = STANDARD.encode(serde_json::to_vec(events).unwrap());
    let record = json!({ "dynamodb": { "NewImage": { "out": { "B": out } } } });
    let payload = json!({ "Records": [record] }).to_string();
    json!({ "timestamp": "2026-11-20T10:00:00.000Z", "payload": payload }).to_string().into_bytes()
}

#[tokio::test]
async fn what_the_stream_gave_up_on_is_shown_and_sent_again() {
    let sandbox = Sandbox::start().await;
    let mut souk = operator(&sandbox);
    souk.clock = entry::Clock::default();
    let (first, second) = (mailed("a@example.com"), mailed("b@example.com"));
    let first = Event { occurred_at: souk.clock.now(), ..first };
    let second = Event { occurred_at: souk.clock.now(), ..second };
    let unknown = Event { name: "user.levitated".into(), ..mailed("c@example.com") };
    let objects = [
        ("aws/lambda/1", given_up(&[first.clone(), unmailed(), second.clone()])),
        ("aws/lambda/2", b"\xff".to_vec()),
        ("aws/lambda/3", given_up(std::slice::from_ref(&unknown))),
    ];
    for (key, body) in objects {
        sandbox.cloud.put_object(BUCKET, key, body).await.unwrap();
    }
    let letters = show(&souk, "events", 10).await.unwrap();
    assert_eq!(letters.len(), 3);
    assert_eq!(letters[0].body[0]["id"], first.id.to_string());
    assert!(letters[1].body["unreadable"].is_string());

    let redriven = redrive(&souk, "events").await.unwrap();
    assert_eq!((redriven.moved, redriven.left.len()), (1, 2), "{redriven:?}");
    assert!(redriven.left[1].contains("user.levitated"), "{redriven:?}");
    let messages = sandbox.cloud.receive(MAILER, 10, Duration::ZERO).await.unwrap();
    let sent: Vec<Event> = messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
    assert_eq!(sent, [first, second]);
    assert_eq!(show(&souk, "events", 10).await.unwrap().len(), 2, "only what got there is deleted");
    let others = Queue::OF_EVENTS.into_iter().filter(|queue| ![Queue::Mailer, Queue::WebhookSender].contains(queue));
    for queue in others {
        let messages = sandbox.cloud.receive(&format!("souk-local-{}", queue.as_str()), 1, Duration::ZERO).await;
        assert!(messages.unwrap().is_empty(), "{}: mails are of no concern to it", queue.as_str());
    }
    assert_eq!(sandbox.cloud.receive(WEBHOOK_SENDER, 10, Duration::ZERO).await.unwrap().len(), 1);
}
