use std::time::{Duration, Instant};

use runtime::{FunctionSpec, InvokeError, Stage};
use serde_json::json;

use crate::fixture::{answered, ask, echo, eventually, is_alive, kill_9, pid_of, plane_of, probe, probe_with};

#[tokio::test]
async fn an_error_of_the_function_reaches_the_caller_and_keeps_the_instance() {
    let plane = plane_of(probe()).await;
    let before = ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap();
    let Err(InvokeError::FunctionError(error)) = ask(&plane, json!({ "do": "fail", "message": "sold out" })).await
    else {
        panic!("no error")
    };
    assert_eq!(error["errorMessage"], "sold out");
    let after = ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap();
    assert_eq!(pid_of(&before), pid_of(&after));
    plane.shutdown().await;
}

#[tokio::test]
async fn a_panic_is_an_error_of_the_function() {
    let plane = plane_of(probe()).await;
    let Err(InvokeError::FunctionError(error)) = ask(&plane, json!({ "do": "panic" })).await else {
        panic!("no error")
    };
    assert!(error["errorMessage"].as_str().unwrap().contains("as told"), "{error}");
    assert_eq!(echo(&plane, 1).await.unwrap(), 1);
    plane.shutdown().await;
}

#[tokio::test]
async fn a_process_that_exits_answers_at_once_and_the_next_request_starts_another() {
    let plane = plane_of(probe()).await;
    let began = Instant::now();
    let Err(InvokeError::Crashed { stage, reason, stderr, .. }) = ask(&plane, json!({ "do": "exit", "code": 7 })).await
    else {
        panic!("no crash")
    };
    assert!(began.elapsed() < Duration::from_secs(10), "not at once");
    assert_eq!(stage, Stage::Invoke);
    assert!(reason.contains("exit status: 7"), "{reason}");
    assert_eq!(stderr.last().unwrap(), "leaving");
    assert_eq!(echo(&plane, 1).await.unwrap(), 1);
    plane.shutdown().await;
}

#[tokio::test]
async fn a_process_that_dies_while_idle_is_nobodys_error() {
    let plane = plane_of(probe()).await;
    let first = ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap();
    kill_9(pid_of(&first));
    eventually("the dead one is noticed", || plane.pids().is_empty()).await;
    assert_eq!(echo(&plane, 2).await.unwrap(), 2);
    plane.shutdown().await;
}

#[tokio::test]
async fn a_function_that_hangs_is_killed_at_its_deadline() {
    let plane = plane_of(FunctionSpec { timeout: Duration::from_secs(1), max_instances: 1, ..probe() }).await;
    let pid = pid_of(&ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap());
    for hanging in ["sleep", "block"] {
        let began = Instant::now();
        let outcome = ask(&plane, json!({ "do": hanging, "ms": 60_000 })).await;
        let timed_out = InvokeError::TimedOut { function: "probe".to_owned(), after: Duration::from_secs(1) };
        assert_eq!(outcome, Err(timed_out));
        assert!(began.elapsed() >= Duration::from_secs(1) && began.elapsed() < Duration::from_secs(10));
        assert_eq!(echo(&plane, 1).await.unwrap(), 1);
    }
    assert!(!is_alive(pid));
    plane.shutdown().await;
}

#[tokio::test]
async fn a_failed_init_is_reported_with_the_last_lines() {
    let plane = plane_of(probe_with(&[("PROBE_INIT", "exit")])).await;
    let Err(error @ InvokeError::Crashed { .. }) = answered(echo(&plane, 1)).await else { panic!("no crash") };
    let text = error.to_string();
    assert!(
        text.contains("Init") && text.contains("exit status: 3") && text.contains("no table name configured"),
        "{text}"
    );
    plane.shutdown().await;
}

#[tokio::test]
async fn an_init_error_that_the_function_reports_is_told_as_it_is() {
    let plane = plane_of(probe_with(&[("PROBE_INIT", "report")])).await;
    let Err(InvokeError::Crashed { stage, reason, .. }) = answered(echo(&plane, 1)).await else { panic!("no crash") };
    assert_eq!((stage, reason.as_str()), (Stage::Init, "init failed: Config: no keys"));
    plane.shutdown().await;
}

#[tokio::test]
async fn a_missing_binary_is_an_init_failure() {
    let plane = plane_of(FunctionSpec { binary: "/nowhere/bootstrap".into(), ..probe() }).await;
    let Err(InvokeError::Crashed { stage, reason, .. }) = answered(echo(&plane, 1)).await else { panic!("no crash") };
    assert_eq!(stage, Stage::Init);
    assert!(reason.contains("/nowhere/bootstrap"), "{reason}");
    plane.shutdown().await;
}

#[tokio::test]
async fn an_init_that_hangs_ends_after_ten_seconds() {
    let plane =
        plane_of(FunctionSpec { timeout: Duration::from_secs(1), ..probe_with(&[("PROBE_INIT", "hang")]) }).await;
    let Err(InvokeError::Crashed { stage, .. }) = answered(echo(&plane, 1)).await else { panic!("no crash") };
    assert_eq!(stage, Stage::Init);
    assert!(plane.pids().is_empty());
    plane.shutdown().await;
}

#[tokio::test]
async fn a_broken_binary_does_not_spin() {
    let starts = tempfile::NamedTempFile::new().unwrap();
    let path = starts.path().to_str().unwrap();
    let plane = plane_of(probe_with(&[("PROBE_INIT", "exit"), ("PROBE_STARTS", path)])).await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        let asked = (0..20).map(|_| echo(&plane, 1));
        let outcomes = answered(futures::future::join_all(asked)).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(InvokeError::Crashed { .. }))));
    }
    let started = std::fs::read(path).unwrap().len();
    assert!(started <= 8 + 6, "{started} starts in two seconds");

    // A repaired one is tried at once.
    plane.register(probe());
    assert_eq!(tokio::time::timeout(Duration::from_secs(10), echo(&plane, 1)).await.unwrap().unwrap(), 1);
    plane.shutdown().await;
}

#[tokio::test]
async fn killing_a_function_ends_its_processes_at_once_and_no_others() {
    let plane = plane_of(probe()).await;
    plane.register(FunctionSpec { name: "other".to_owned(), ..probe() });
    let other = plane.invoke("other", json!({ "do": "echo", "value": 1 }).to_string().into(), None).await.unwrap();
    let other = pid_of(&serde_json::from_slice(&other).unwrap());
    let first = pid_of(&ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap());
    let (sleeping, killed) = tokio::join!(answered(ask(&plane, json!({ "do": "sleep", "ms": 20_000 }))), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        plane.kill("probe")
    });
    assert_eq!(killed, 1);
    let Err(InvokeError::Crashed { stage: Stage::Invoke, reason, .. }) = sleeping else { panic!("{sleeping:?}") };
    assert!(reason.contains("signal: 9"), "{reason}");
    assert!(!is_alive(first));
    assert!(is_alive(other));
    assert_eq!(plane.kill("nobody"), 0);
    assert_eq!(echo(&plane, 2).await.unwrap(), 2);
    let killer = plane.killer();
    plane.shutdown().await;
    // It outlives the plane and does no harm.
    killer("probe");
}
