use futures::future::join_all;
use runtime::{FunctionSpec, InvokeError};
use serde_json::{Value, json};

use crate::fixture::{answered, ask, eventually, is_alive, pid_of, plane_of, probe, probe_with};

fn labelled(label: &str) -> FunctionSpec {
    probe_with(&[("PROBE_LABEL", label)])
}

async fn label_now(plane: &runtime::Runtime) -> Value {
    ask(plane, json!({ "do": "echo", "value": 1 })).await.unwrap()["label"].clone()
}

#[tokio::test]
async fn a_replaced_function_finishes_its_invocation_and_ends() {
    let plane = plane_of(labelled("old")).await;
    let idle = ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap();
    let busy = ask(&plane, json!({ "do": "sleep", "ms": 1_000 }));
    let replacing = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        plane.register(labelled("new"));
        assert_eq!(label_now(&plane).await, "new");
    };
    let (finished, ()) = tokio::join!(busy, replacing);
    let finished = finished.unwrap();
    assert_eq!(finished["label"], "old");
    eventually("the old ones are gone", || !is_alive(pid_of(&finished)) && !is_alive(pid_of(&idle))).await;
    assert_eq!(label_now(&plane).await, "new");
    plane.shutdown().await;
}

#[tokio::test]
async fn those_who_wait_while_a_function_is_replaced_are_served_by_the_new_one() {
    let plane = plane_of(FunctionSpec { max_instances: 1, ..labelled("old") }).await;
    let asked = (0..20).map(|_| ask(&plane, json!({ "do": "sleep", "ms": 50 })));
    let replacing = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        plane.register(labelled("new"));
    };
    let (answers, ()) = answered(async { tokio::join!(join_all(asked), replacing) }).await;
    let labels: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()["label"].clone()).collect();
    assert!(labels.iter().any(|label| label == "new"));
    plane.shutdown().await;
}

#[tokio::test]
async fn a_new_binary_in_the_same_place_is_used_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("bootstrap");
    std::fs::copy("/bin/false", &binary).unwrap();
    let plane = plane_of(FunctionSpec { binary: binary.clone(), ..probe() }).await;
    let broken = answered(ask(&plane, json!({ "do": "context" }))).await;
    assert!(matches!(broken, Err(InvokeError::Crashed { .. })), "{broken:?}");

    // As a linker does it: a new file under the old name.
    let fresh = folder.path().join("fresh");
    std::fs::copy(probe().binary, &fresh).unwrap();
    std::fs::rename(fresh, &binary).unwrap();
    plane.restart("probe");
    let seen = answered(ask(&plane, json!({ "do": "context" }))).await.unwrap();
    assert_eq!(seen["answer"]["folder"], json!(folder.path().canonicalize().unwrap()));
    plane.shutdown().await;
}

#[tokio::test]
async fn restarts_under_load_lose_nobody() {
    let plane = plane_of(probe()).await;
    let asked = (0..200).map(|number| ask(&plane, json!({ "do": "sleep", "ms": number % 20 })));
    let restarting = async {
        for _ in 0..10 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            plane.restart("probe");
        }
    };
    let (answers, ()) = answered(async { tokio::join!(join_all(asked), restarting) }).await;
    for answer in answers {
        answer.unwrap();
    }
    eventually("only the last generation lives", || plane.pids().len() <= 8).await;
    plane.shutdown().await;
}
