use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use futures::future::join_all;
use runtime::{InvokeError, Runtime};
use serde_json::json;

use crate::fixture::{answered, ask, eventually, is_alive, kill_9, plane_of, probe};

#[tokio::test]
async fn shutdown_leaves_no_process_and_nobody_waiting() {
    let plane = plane_of(probe()).await;
    let asked = (0..20).map(|_| ask(&plane, json!({ "do": "block", "ms": 60_000 })));
    let ending = async {
        eventually("all instances", || plane.pids().len() == 8).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let pids = plane.pids();
        plane.shutdown().await;
        assert!(pids.into_iter().all(|pid| !is_alive(pid)));
        assert!(plane.pids().is_empty());
    };
    let (outcomes, ()) = answered(async { tokio::join!(join_all(asked), ending) }).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Err(InvokeError::Stopped)), "{outcomes:?}");
    assert_eq!(ask(&plane, json!({ "do": "context" })).await, Err(InvokeError::Stopped));
}

#[tokio::test]
async fn the_last_handle_takes_the_processes_with_it() {
    let plane = plane_of(probe()).await;
    let second = plane.clone();
    ask(&plane, json!({ "do": "context" })).await.unwrap();
    let pids = plane.pids();
    drop(plane);
    ask(&second, json!({ "do": "context" })).await.unwrap();
    drop(second);
    eventually("they are gone", || pids.iter().all(|pid| !is_alive(*pid))).await;
}

#[test]
fn the_end_of_the_tokio_runtime_takes_the_processes_with_it() {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let (plane, pids): (Runtime, _) = tokio.block_on(async {
        let plane = plane_of(probe()).await;
        ask(&plane, json!({ "do": "context" })).await.unwrap();
        let pids = plane.pids();
        (plane, pids)
    });
    assert_eq!(pids.len(), 1);
    drop(tokio);
    let began = Instant::now();
    while pids.iter().any(|pid| is_alive(*pid)) {
        assert!(began.elapsed() < Duration::from_secs(10), "still alive");
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(plane);
}

#[tokio::test]
async fn sigkill_of_the_parent_leaves_no_child() {
    let mut parent =
        Command::new(probe().binary).env("PROBE_PARENT", probe().binary).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let pids: Vec<u32> = serde_json::from_str(&line).unwrap();
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| is_alive(*pid)));

    kill_9(parent.id());
    parent.wait().unwrap();
    // The idle ones see the broken connection at once; the busy one when it has finished its three seconds.
    eventually("the children are gone", || pids.iter().all(|pid| !is_alive(*pid))).await;
}
