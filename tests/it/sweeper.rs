//! What falls due: found by the clock, carried by a queue, acted on once; and nobody starves.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::Time;
use domain::due::{Due, Job, REGISTRY};
use domain::event::{Event, Queue};
use domain::identity::waits::MailResend;
use domain::time::{HOUR, MINUTE};
use entry::{Start, answer_schedule_or_messages};
use queue::Queues;
use serde_json::{Value, json};
use sweeper::{Order, Sweeper, sweep};
use testkit::Sandbox;

use crate::events::{mailed, out_of_reach, payload};

const DUE: &str = "souk-local-due";

async fn start(sandbox: &Sandbox) -> Sweeper {
    let mut sweeper = Sweeper::start(&sandbox.environment("sweeper"), &sandbox.aws).await.unwrap();
    sweeper.app.clock = sandbox.clock.clone();
    sweeper
}

fn resend(event: &Event, due_at: Time) -> Due {
    Due::new(due_at, event.id, &MailResend { event: event.clone() }).unwrap()
}

/// Something of another chapter, or of a newer version than this one's.
fn foreign(kind: &str, n: usize, due_at: Time) -> Due {
    Due { kind: kind.to_owned(), id: format!("x{n:05}"), due_at, data: json!({ "n": n }) }
}

async fn begin(sweeper: &Sweeper, waits: impl IntoIterator<Item = Due>) {
    for due in waits {
        sweeper.app.store.wait(&due).await.unwrap();
    }
}

/// What lies on queue `due`; it stays in flight.
async fn carried(sandbox: &Sandbox) -> Vec<Due> {
    let mut found: Vec<Due> = Vec::new();
    loop {
        let messages = sandbox.cloud.receive(DUE, 10, Duration::ZERO).await.unwrap();
        if messages.is_empty() {
            return found;
        }
        found.extend(messages.iter().map(|message| serde_json::from_str::<Due>(&message.body).unwrap()));
    }
}

async fn answer(sweeper: &Sweeper, event: Value) -> Result<Value, String> {
    let answered = answer_schedule_or_messages(sweeper, event, sweep, sweeper::handle).await;
    answered.map_err(|error| error.to_string())
}

fn message(id: &str, body: &str) -> Value {
    json!({ "messageId": id, "body": body, "eventSource": "aws:sqs" })
}

#[tokio::test]
async fn only_what_is_due_is_carried_and_taken_off_the_list() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let now = sandbox.clock.now();
    let (early, late) = (resend(&mailed("a@b.example"), now), resend(&mailed("c@d.example"), now.plus_seconds(HOUR)));
    begin(&sweeper, [early.clone(), late.clone()]).await;
    let swept = answer(&sweeper, json!({})).await.unwrap();
    assert_eq!(swept["identity"], json!({ "found": 1, "sent": 1 }));
    assert_eq!((&swept["energy"]["found"], &swept["moreDue"]), (&json!(0), &json!(false)));
    assert_eq!(carried(&sandbox).await, [early]);
    assert_eq!(answer(&sweeper, json!({})).await.unwrap()["identity"]["found"], 0, "once");
    sandbox.clock.set_offset_seconds(HOUR + 1);
    assert_eq!(answer(&sweeper, json!({})).await.unwrap()["identity"]["found"], 1);
    assert_eq!(carried(&sandbox).await, [late]);
    assert!(sandbox.all_items().await.is_empty());
}

#[tokio::test]
async fn a_sweep_may_be_asked_for_some_jobs_and_refuses_unknown_ones() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let now = sandbox.clock.now();
    begin(&sweeper, [foreign("energy.silence", 1, now), foreign("user-sync.push", 2, now)]).await;
    let swept = answer(&sweeper, json!({ "jobs": ["user-sync", "identity"] })).await.unwrap();
    let none = json!({ "found": 0, "sent": 0 });
    assert_eq!(swept, json!({ "identity": none, "user-sync": { "found": 1, "sent": 1 }, "moreDue": false }));
    assert!(answer(&sweeper, json!({ "jobs": ["gardening"] })).await.unwrap_err().contains("gardening"));
    assert!(answer(&sweeper, json!({ "jobs": "energy" })).await.is_err());
    // What EventBridge sends when it is told nothing.
    let usual = json!({ "version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}" });
    assert_eq!(answer(&sweeper, usual).await.unwrap()["energy"]["sent"], 1);
}

#[tokio::test]
async fn a_backlog_of_one_kind_starves_no_other_and_leaves_the_oldest_first() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let now = sandbox.clock.now();
    let backlog = (0..300).map(|n| foreign("energy.alert", n, now.plus_seconds(-HOUR + n as i64)));
    begin(&sweeper, backlog.chain([resend(&mailed("a@b.example"), now)])).await;
    let swept = answer(&sweeper, json!({})).await.unwrap();
    assert_eq!((&swept["energy"]["sent"], &swept["identity"]["sent"]), (&json!(300), &json!(1)));
    let order = carried(&sandbox).await;
    let place = order.iter().position(|due| due.job() == "identity").unwrap();
    assert!(place < 100, "the youngest record of all, at place {place} of {}", order.len());
    let turns: Vec<Time> = order.iter().filter(|due| due.job() == "energy").map(|due| due.due_at).collect();
    let (first, last) = (&turns[..50], &turns[250..]);
    assert!(first.iter().max() < last.iter().min(), "turns go by age");
    assert_eq!(order.iter().map(|due| due.id.clone()).collect::<BTreeSet<_>>().len(), 301);
}

#[tokio::test]
async fn what_the_queue_does_not_take_stays_on_the_list() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let due = resend(&mailed("a@b.example"), sandbox.clock.now());
    begin(&sweeper, [due.clone()]).await;
    let urls = [(Queue::Due, "http://queue.example/000000000000/due".to_owned())];
    let nowhere = Queues::connect(out_of_reach(&sandbox).await.config(), urls.into());
    let cut_off = Sweeper { queues: nowhere, ..sweeper.clone() };
    assert!(answer(&cut_off, json!({})).await.unwrap_err().contains("not available"));
    assert_eq!(answer(&sweeper, json!({})).await.unwrap()["identity"]["sent"], 1);
    assert_eq!(carried(&sandbox).await, [due]);
}

#[tokio::test]
async fn what_cannot_be_read_ends_in_the_open_and_blocks_nobody() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let now = sandbox.clock.now();
    let event = mailed("ada@example.com");
    begin(&sweeper, [resend(&event, now), foreign("identity.mail-resend", 7, now), foreign("attic.dust", 8, now)])
        .await;
    // One whose item was damaged: its key still says what it is.
    let damaged = foreign("energy.alert", 9, now);
    let put = sandbox.dynamodb().put_item().table_name("souk-local-core");
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let put = put.item("pk", text(format!("DUE#{:02}", damaged.shard())));
    put.item("sk", text(format!("{now}#{}#{}", damaged.kind, damaged.id))).send().await.unwrap();
    let swept = answer(&sweeper, json!({})).await.unwrap();
    assert_eq!((&swept["attic"]["sent"], &swept["energy"]["sent"]), (&json!(1), &json!(1)));
    assert!(sandbox.all_items().await.is_empty());
    let messages = carried(&sandbox).await;
    assert_eq!(messages.len(), 4);
    let records: Vec<Value> =
        messages.iter().map(|due| message(&due.id, &serde_json::to_string(due).unwrap())).collect();
    let records: Vec<Value> = records.into_iter().chain([message("junk", "{"), message("null", "null")]).collect();
    let failed = answer(&sweeper, json!({ "Records": records })).await.unwrap();
    let failed: BTreeSet<&str> = failed["batchItemFailures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap())
        .collect();
    assert_eq!(failed, BTreeSet::from(["x00007", "x00008", "x00009", "junk", "null"]));
    let sent = sandbox.cloud.receive("souk-local-mailer", 10, Duration::ZERO).await.unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(serde_json::from_str::<Event>(&sent[0].body).unwrap(), event);
}

#[tokio::test]
async fn the_same_wait_is_one_record_however_often_it_begins() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let due = resend(&mailed("a@b.example"), sandbox.clock.now().plus_seconds(MINUTE));
    begin(&sweeper, [due.clone(), due.clone()]).await;
    assert_eq!(sandbox.all_items().await.len(), 1);
    sandbox.clock.set_offset_seconds(2 * MINUTE);
    // Two sweeps at once may carry it twice; handlers bear that. Neither fails.
    let (one, other) = futures::join!(answer(&sweeper, json!({})), answer(&sweeper, json!({})));
    let sent = |swept: Value| swept["identity"]["sent"].as_u64().unwrap();
    assert!(sent(one.unwrap()) + sent(other.unwrap()) >= 1);
    assert!(carried(&sandbox).await.iter().all(|carried| *carried == due));
    assert!(sandbox.all_items().await.is_empty());
}

#[tokio::test]
async fn every_registered_kind_has_a_handler() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    for kind in REGISTRY.iter().copied().flatten() {
        let empty = Due { kind: kind.name.to_owned(), id: "x".into(), due_at: sandbox.clock.now(), data: Value::Null };
        let problem = sweeper::handle(sweeper.clone(), empty).await.unwrap_err();
        assert!(problem.cause.unwrap().contains("cannot be read"), "{}", kind.name);
    }
}

#[tokio::test]
async fn the_samples_are_understood() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    assert_eq!(answer(&sweeper, payload("sweeper")).await.unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(sandbox.cloud.receive("souk-local-mailer", 10, Duration::ZERO).await.unwrap().len(), 1);
    let swept = answer(&sweeper, payload("sweeper-schedule")).await.unwrap();
    assert_eq!(swept, json!({ "identity": { "found": 0, "sent": 0 }, "moreDue": false }));
}

#[tokio::test]
async fn an_idle_sweep_asks_each_part_of_the_list_once() {
    let sandbox = Sandbox::start().await;
    let sweeper = start(&sandbox).await;
    let before = sandbox.spent();
    let swept = sweep(sweeper, Order { jobs: Some(vec![Job::Identity]) }).await.unwrap();
    assert!(!swept.more_due);
    let spent = sandbox.spent() - before;
    assert_eq!((spent.calls, spent.writes), (16, 0.0));
}
