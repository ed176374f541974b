use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fixture::{Project, QUEUE, control, eventually, insert, put};

/// Everything below a folder whose path holds `part`.
fn files(folder: &std::path::Path, part: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, part));
        } else if path.to_string_lossy().contains(part) {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn inserts_reach_the_relay_in_order_and_at_once() {
    let project = Project::new();
    let stack = project.start().await;
    insert(&stack, "warm", "warm").await;
    project.handled_becomes(&["warm"]).await;
    let begun = Instant::now();
    for n in 0..5 {
        insert(&stack, &format!("item{n}"), &format!("note{n}")).await;
    }
    project.handled_becomes(&["warm", "note0", "note1", "note2", "note3", "note4"]).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    // Neither an update nor an item without a note passes the filter.
    put(&stack.urls.cloud, &json!({ "pk": { "S": "item0" }, "note": { "S": "changed" } })).await;
    put(&stack.urls.cloud, &json!({ "pk": { "S": "plain" } })).await;
    insert(&stack, "last", "last").await;
    eventually(|| async { project.handled().last().is_some_and(|last| last == "last") }).await;
    assert!(!project.handled().contains(&"changed".to_owned()));
    stack.shutdown().await;
}

#[tokio::test]
async fn poison_is_kept_whole_and_the_stream_goes_on() {
    let project = Project::new();
    let stack = project.start().await;
    for note in ["before", "poison", "between", "crash", "after"] {
        insert(&stack, note, note).await;
    }
    eventually(|| async { project.handled().contains(&"after".to_owned()) }).await;
    let handled = project.handled();
    for note in ["before", "between", "after"] {
        assert!(handled.contains(&note.to_owned()), "{note} of {handled:?}");
    }
    let kept = files(&project.data_dir().join("cloud").join("buckets"), "souk-local-failures");
    let kept: String = kept.iter().map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect();
    for note in ["poison", "crash"] {
        let image = format!(r#"\"note\":{{\"S\":\"{note}\"}}"#);
        assert_eq!(kept.matches(&image).count(), 1, "{note} in {kept}");
    }
    stack.shutdown().await;
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let project = Project::new();
    let stack = project.start().await;
    insert(&stack, "one", "one").await;
    project.handled_becomes(&["one"]).await;
    stack.shutdown().await;
    // Without the relay nobody reads, and nothing is lost.
    let mut options = project.options();
    options.only = vec!["web".to_owned()];
    let stack = devstack::Stack::start(options).await.unwrap();
    insert(&stack, "two", "two").await;
    stack.shutdown().await;
    let stack = project.start().await;
    project.handled_becomes(&["one", "two"]).await;
    stack.shutdown().await;
}

#[tokio::test]
async fn what_keeps_failing_ends_in_the_dlq_and_comes_back_when_told() {
    let project = Project::new();
    let stack = project.start().await;
    for body in ["good", "poison", "fine"] {
        stack.cloud().send(QUEUE, body).await.unwrap();
    }
    let depth = |queues: Value| queues[0]["dlqDepth"].as_u64();
    eventually(|| async { depth(control(&stack, "/control/queues").await) == Some(1) }).await;
    let mut handled = project.handled();
    handled.sort();
    assert_eq!(handled, ["fine", "good"]);
    let queues = control(&stack, "/control/queues").await;
    assert_eq!(queues, json!([{ "name": "work", "visible": 0, "inFlight": 0, "dlqDepth": 1, "sent": 3, "done": 2 }]));
    let redrive = format!("{}/control/queues/work/redrive", stack.urls.control);
    let answer: Value = reqwest::Client::new().post(redrive).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["moved"], 1);
    eventually(|| async { depth(control(&stack, "/control/queues").await) == Some(1) }).await;
    stack.shutdown().await;
}

#[tokio::test]
async fn a_crash_fails_the_batch_and_the_rest_of_it_is_handled_in_the_end() {
    let project = Project::new();
    let stack = project.start().await;
    for body in ["crash", "good"] {
        stack.cloud().send(QUEUE, body).await.unwrap();
    }
    eventually(|| async { control(&stack, "/control/queues").await[0]["dlqDepth"].as_u64() > Some(0) }).await;
    let log = control(&stack, "/control/invocations").await;
    let failed = log.as_array().unwrap().iter().filter(|entry| entry["status"] == "failed").count();
    assert!(failed >= 2, "{log}");
    stack.shutdown().await;
}

#[tokio::test]
async fn nothing_is_under_way_once_everything_was_handled() {
    let project = Project::new();
    let stack = project.start().await;
    let notes: Vec<String> = (0..50).map(|n| format!("note{n}")).collect();
    for note in &notes {
        insert(&stack, note, note).await;
    }
    eventually(|| async { stack.under_way().await.unwrap().is_none() }).await;
    assert_eq!(project.handled(), notes);
    stack.cloud().send(QUEUE, "work").await.unwrap();
    assert!(stack.under_way().await.unwrap().is_some());
    eventually(|| async { stack.under_way().await.unwrap().is_none() }).await;
    assert_eq!(project.handled().len(), 51);
    stack.shutdown().await;
}
