//! Functions that are killed while they work.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::{join, join_all};

use super::local::Local;
use super::processes::{is_alive, kill_9};
use super::waiting::until;

const ROUNDS: usize = 8;
const PAUSE: Duration = Duration::from_millis(150);

/// Kills whatever runs, some times over, and tells whom.
async fn kill_all_the_time(local: &Local) -> BTreeSet<u32> {
    let mut killed = BTreeSet::new();
    for _ in 0..ROUNDS {
        tokio::time::sleep(PAUSE).await;
        for pid in local.stack.pids() {
            kill_9(pid);
            killed.insert(pid);
        }
    }
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asked_a_killed_function_is_answered_and_the_next_succeed() {
    let local = Local::start().await;
    let visitor = &local.visitor;
    // Some people, since each of them may read 300 times a minute.
    let mut sessions = Vec::new();
    for n in 0..4 {
        sessions.push(visitor.join(&format!("ada{n}@example.com")).await);
    }
    // As many as the front door lets in at once and more, one after the other, for as long as the killing lasts.
    let load = join_all((0..100).map(async |n| {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(visitor.profile(&sessions[n % 4].access).await.status);
        }
        statuses
    }));
    let (statuses, killed) = join(load, kill_all_the_time(&local)).await;
    let statuses: Vec<u16> = statuses.into_iter().flatten().collect();
    assert_eq!(statuses.len(), 600);
    assert!(statuses.iter().all(|status| [200, 500, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&200) && killed.len() > ROUNDS / 2, "{killed:?}");

    until("the killed are gone", Duration::from_secs(20), async || {
        (!killed.iter().any(|pid| is_alive(*pid))).then_some(())
    })
    .await;
    for _ in 0..20 {
        visitor.profile(&sessions[0].access).await.expect(200);
    }
    // The consumers died as well; what comes after is still delivered.
    visitor.join("bob@example.com").await;
    local.end().await;
}
