use super::super::fixture::{DLQ, Local, MAILER, SLOW};
use devstack::cloud::QueueMessage;
use devstack::cloud::faults::MessageChance;
use std::collections::BTreeSet;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;
const SOON: Duration = Duration::from_secs(8);

async fn local(chance: MessageChance) -> Local {
    let local = Local::in_memory().await;
    local.cloud.faults().messages(MessageChance { seed: 7, ..chance });
    local
}

async fn receive(local: &Local, max: usize, wait: Duration) -> Vec<QueueMessage> {
    local.cloud.receive(SLOW, max, wait).await.unwrap()
}

#[tokio::test]
async fn a_duplicate_comes_under_the_same_id_even_after_the_first_is_done() {
    let local = local(MessageChance { duplicate: 1.0, ..MessageChance::default() }).await;
    let sent = local.cloud.send(SLOW, "x").await.unwrap();
    for _ in 0..2 {
        let received = receive(&local, 1, SOON).await;
        assert_eq!((received[0].message_id.as_str(), received[0].body.as_str()), (sent.as_str(), "x"));
        assert_eq!(received[0].attributes["ApproximateReceiveCount"], "1");
        local.cloud.delete(SLOW, &received[0].receipt_handle).await.unwrap();
    }
    let depth = local.cloud.queues().await.unwrap().into_iter().find(|depth| depth.name == SLOW).unwrap();
    assert_eq!((depth.sent, depth.done, depth.visible + depth.in_flight + depth.delayed), (2, 2, 0));
}

#[tokio::test]
async fn what_is_held_back_comes_later() {
    let local = local(MessageChance { hold: 1.0, ..MessageChance::default() }).await;
    local.cloud.send(SLOW, "x").await.unwrap();
    assert!(receive(&local, 1, NOW).await.is_empty());
    assert_eq!(receive(&local, 1, SOON).await[0].body, "x");
    assert!(local.cloud.faults().decisions()[0].fault.starts_with("hold "));
}

async fn order(chance: MessageChance) -> Vec<String> {
    let local = local(chance).await;
    for n in 0..30 {
        local.cloud.send(SLOW, &n.to_string()).await.unwrap();
    }
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.extend(receive(&local, 10, NOW).await.into_iter().map(|message| message.body));
    }
    bodies
}

#[tokio::test]
async fn shuffled_messages_all_come_in_an_order_of_the_seed() {
    let sent: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    assert_eq!(order(MessageChance::default()).await, sent);
    let shuffled = order(MessageChance { shuffle: true, ..MessageChance::default() }).await;
    assert_ne!(shuffled, sent);
    assert_eq!(shuffled.iter().collect::<BTreeSet<_>>(), sent.iter().collect());
    assert_eq!(order(MessageChance { shuffle: true, ..MessageChance::default() }).await, shuffled);
}

#[tokio::test]
async fn a_message_comes_again_while_it_is_worked_on_and_the_later_receipt_counts() {
    let local = local(MessageChance { redeliver: 1.0, ..MessageChance::default() }).await;
    local.cloud.send(SLOW, "x").await.unwrap();
    let first = receive(&local, 1, NOW).await;
    let second = receive(&local, 1, NOW).await;
    assert_eq!(first[0].message_id, second[0].message_id);
    assert_eq!(second[0].attributes["ApproximateReceiveCount"], "2");
    assert!(receive(&local, 1, NOW).await.is_empty(), "a second receive is not repeated");
    local.cloud.delete(SLOW, &first[0].receipt_handle).await.unwrap();
    local.cloud.delete(SLOW, &second[0].receipt_handle).await.unwrap();
    let depth = local.cloud.queues().await.unwrap().into_iter().find(|depth| depth.name == SLOW).unwrap();
    assert_eq!((depth.sent, depth.done, depth.in_flight), (1, 1, 0));
}

#[tokio::test]
async fn dead_letters_rest_in_peace_and_calm_ends_it() {
    let chance = MessageChance { duplicate: 1.0, hold: 1.0, redeliver: 1.0, ..MessageChance::default() };
    let local = local(chance).await;
    local.cloud.send(DLQ, "dead").await.unwrap();
    assert_eq!(local.cloud.receive(DLQ, 10, NOW).await.unwrap().len(), 1);
    assert!(local.cloud.receive(DLQ, 10, NOW).await.unwrap().is_empty());
    local.cloud.faults().calm();
    local.cloud.send(MAILER, "x").await.unwrap();
    assert_eq!(local.cloud.receive(MAILER, 10, NOW).await.unwrap().len(), 1);
    assert!(local.cloud.receive(MAILER, 10, NOW).await.unwrap().is_empty());
}
