use super::super::fixture::{CORE, Local, SLOW, key};
use super::add;
use devstack::cloud::Service;
use devstack::cloud::faults::{Chance, Decision, Kind};

/// Forty calls of three streams under this seed; their decisions.
async fn run(seed: u64) -> Vec<Decision> {
    let local = Local::in_memory().await;
    let chance = Chance::new(seed, 0.4).without(&[Kind::KillBefore, Kind::KillAfter, Kind::Delay]);
    local.cloud.faults().by_chance(chance);
    let client = local.once();
    for _ in 0..20 {
        // What becomes of them is another matter.
        let _ = add(&client).send().await;
        let _ = client.get_item().table_name(CORE).set_key(Some(key("sum", "1"))).send().await;
    }
    local.cloud.faults().decisions()
}

#[tokio::test]
async fn a_seed_decides_the_same_again_and_another_one_otherwise() {
    let (one, again, other) = tokio::join!(run(7), run(7), run(8));
    assert_eq!(one.len(), 40);
    assert_eq!(one, again);
    assert_ne!(one, other);
    let words = |decisions: &[Decision]| decisions.iter().filter(|decision| decision.fault != "none").count();
    assert!((6..=26).contains(&words(&one)), "{}", words(&one));
}

#[tokio::test]
async fn each_decision_is_a_line_of_the_log() {
    let local = Local::in_memory().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faults.log");
    local.cloud.faults().log_to(&path).unwrap();
    let chance = Chance { services: vec![Service::DynamoDb], kinds: vec![Kind::Lose], ..Chance::new(1, 1.0) };
    local.cloud.faults().by_chance(chance);
    add(&local.once()).send().await.unwrap_err();
    // A service that was not chosen has no stroke of fate, and calls without a name belong to nobody.
    local.sqs().send_message().queue_url(local.queue_url(SLOW)).message_body("x").send().await.unwrap();
    let nobody = aws_sdk_dynamodb::config::Builder::from(&local.sdk);
    let mut nobody = nobody.build().to_builder();
    nobody.set_app_name(None);
    add(&aws_sdk_dynamodb::Client::from_conf(nobody.build())).send().await.unwrap();
    local.cloud.faults().calm();
    add(&local.once()).send().await.unwrap();
    let lines: Vec<serde_json::Value> =
        std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let at = |service: &str, operation: &str, fault: &str| serde_json::json!({"function": "auth", "service": service, "operation": operation, "n": 0, "fault": fault});
    assert_eq!(lines, [at("dynamodb", "UpdateItem", "lose"), at("sqs", "SendMessage", "none")]);
    let standing = serde_json::to_value(local.cloud.faults().standing(1)).unwrap();
    assert_eq!(standing["decisions"], serde_json::json!({"lose": 1, "none": 1}));
    assert_eq!(standing["latest"], serde_json::json!([lines[1]]));
}
