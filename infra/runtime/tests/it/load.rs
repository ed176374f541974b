use std::{collections::HashSet, time::Duration};

use futures::future::join_all;
use runtime::{FunctionSpec, InvokeError, MAX_WAITING};
use serde_json::json;

use crate::fixture::{answered, ask, echo, eventually, kill_9, pid_of, plane_of, probe};

#[tokio::test]
async fn three_hundred_at_once_are_all_answered_by_at_most_eight_instances() {
    let plane = plane_of(probe()).await;
    let asked = (0..300).map(|number| {
        let plane = &plane;
        async move {
            let answer = ask(plane, json!({ "do": "echo", "value": number })).await.unwrap();
            assert_eq!(answer["answer"], number);
            pid_of(&answer)
        }
    });
    let pids: HashSet<u32> = answered(join_all(asked)).await.into_iter().collect();
    assert!(pids.len() <= 8, "{} instances", pids.len());
    assert!(plane.pids().len() <= 8);
    plane.shutdown().await;
}

#[tokio::test]
async fn work_that_takes_time_is_done_side_by_side() {
    let plane = plane_of(probe()).await;
    let asked = (0..24).map(|_| ask(&plane, json!({ "do": "sleep", "ms": 200 })));
    let pids: HashSet<u32> = answered(join_all(asked)).await.into_iter().map(|it| pid_of(&it.unwrap())).collect();
    assert_eq!(pids.len(), 8);
    plane.shutdown().await;
}

#[tokio::test]
async fn one_instance_serves_first_come_first_served() {
    let plane = plane_of(FunctionSpec { max_instances: 1, ..probe() }).await;
    let order = std::sync::Mutex::new(Vec::new());
    let asked = (0..50).map(|number| {
        let (plane, order) = (&plane, &order);
        async move {
            echo(plane, number).await.unwrap();
            order.lock().unwrap().push(number);
        }
    });
    answered(join_all(asked)).await;
    assert_eq!(*order.lock().unwrap(), (0..50).collect::<Vec<_>>());
    plane.shutdown().await;
}

#[tokio::test]
async fn an_idle_instance_stays_warm() {
    let plane = plane_of(probe()).await;
    let first = ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap();
    for _ in 0..20 {
        let next = ask(&plane, json!({ "do": "echo", "value": 1 })).await.unwrap();
        assert_eq!(pid_of(&next), pid_of(&first));
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn kill_9_under_load_leaves_nobody_without_an_answer() {
    let plane = plane_of(probe()).await;
    let asked = (0..300).map(|number| {
        let plane = &plane;
        async move { answered(ask(plane, json!({ "do": "sleep", "ms": 5 + number % 20 }))).await }
    });
    let killer = async {
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            if let Some(pid) = plane.pids().first() {
                kill_9(*pid);
            }
        }
    };
    let (outcomes, ()) = tokio::join!(join_all(asked), killer);
    let mut crashes = 0;
    for outcome in &outcomes {
        match outcome {
            Ok(_) => {}
            Err(InvokeError::Crashed { .. }) => crashes += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(crashes <= 20, "{crashes} crashes of 20 kills");
    assert_eq!(echo(&plane, "after").await.unwrap(), "after");
    plane.shutdown().await;
}

#[tokio::test]
async fn all_killed_at_once_and_the_next_is_served() {
    let plane = plane_of(probe()).await;
    for round in 0..5 {
        let asked = (0..16).map(|_| ask(&plane, json!({ "do": "sleep", "ms": 100 })));
        let killer = async {
            eventually("instances", || plane.pids().len() >= 4).await;
            plane.pids().into_iter().for_each(kill_9);
        };
        answered(async { tokio::join!(join_all(asked), killer) }).await;
        assert_eq!(answered(echo(&plane, round)).await.unwrap(), round);
    }
    plane.shutdown().await;
}

#[tokio::test]
async fn more_than_the_queue_holds_are_throttled() {
    let plane = plane_of(FunctionSpec { max_instances: 1, ..probe() }).await;
    let asked = (0..MAX_WAITING + 50).map(|number| echo(&plane, number));
    let outcomes = answered(join_all(asked)).await;
    let throttled = outcomes.iter().filter(|outcome| **outcome == Err(InvokeError::Throttled)).count();
    assert_eq!(throttled, 50);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), MAX_WAITING);
    plane.shutdown().await;
}

#[tokio::test]
async fn callers_who_have_left_do_not_fill_the_queue() {
    let plane = plane_of(FunctionSpec { max_instances: 1, ..probe() }).await;
    let asked = (0..MAX_WAITING).map(|number| echo(&plane, number));
    let impatient = tokio::time::timeout(Duration::ZERO, join_all(asked)).await;
    assert!(impatient.is_err());
    assert_eq!(answered(echo(&plane, "patient")).await.unwrap(), "patient");
    plane.shutdown().await;
}
