//! Faults that need a whole stack.

use std::time::{Duration, Instant};

use devstack::Stack;
use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Fault};
use rustix::process::{Pid, test_kill_process};

use super::fixture::{Project, TABLE, control, eventually};

/// A PutItem as function `rest` would send it.
async fn put_as_rest(cloud: &str, pk: &str) -> Result<reqwest::Response, reqwest::Error> {
    let authorization = "AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/dynamodb/aws4_request, \
        SignedHeaders=host, Signature=0";
    let request = reqwest::Client::new()
        .post(cloud)
        .header("authorization", authorization)
        .header("user-agent", "aws-sdk-rust/1.3 app/rest")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20261120T100000Z")
        .header("x-amz-target", "DynamoDB_20120810.PutItem")
        .body(serde_json::json!({ "TableName": TABLE, "Item": { "pk": { "S": pk } } }).to_string());
    request.send().await
}

fn lives(pid: u32) -> bool {
    test_kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()).is_ok()
}

#[tokio::test]
async fn a_call_kills_its_function_and_nobody_else_and_the_client_learns_it_at_once() {
    let project = Project::new();
    let stack = project.start().await;
    reqwest::get(format!("{}/web/echo", stack.urls.api)).await.unwrap();
    let web = stack.pids();
    for (fault, is_executed) in [(Fault::KillBefore, false), (Fault::KillAfter, true)] {
        let slow = tokio::spawn(reqwest::get(format!("{}/slow", stack.urls.api)));
        eventually(|| async { stack.pids().len() > web.len() }).await;
        let rest: Vec<u32> = stack.pids().into_iter().filter(|pid| !web.contains(pid)).collect();
        // Until it has the request, its end would be nobody's error.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let operation = "PutItem".to_owned();
        let at = Address { function: "rest".to_owned(), service: Service::DynamoDb, operation, n: 0 };
        stack.cloud().faults().arm(at, fault.clone());
        let begun = Instant::now();
        put_as_rest(&stack.urls.cloud, "one").await.unwrap_err();
        let status = slow.await.unwrap().unwrap().status().as_u16();
        assert!([500, 502].contains(&status), "{fault}: {status}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{fault}: {:?}", begun.elapsed());
        eventually(|| async { !rest.iter().any(|pid| lives(*pid)) }).await;
        assert!(web.iter().all(|pid| lives(*pid)), "{fault}");
        stack.cloud().faults().calm();
        let writes = stack.cloud().capacity(TABLE).wcu;
        assert_eq!(writes > 0.0, is_executed, "{fault}");
    }
    assert_eq!(reqwest::get(format!("{}/echo", stack.urls.api)).await.unwrap().status(), 200);
    stack.shutdown().await;
}

#[tokio::test]
async fn faults_of_the_options_begin_and_are_told() {
    let project = Project::new();
    let mut options = project.options();
    options.faults = Some("seed=7,rate=1,only=dynamodb,kinds=lose".parse().unwrap());
    let stack = Stack::start(options).await.unwrap();
    put_as_rest(&stack.urls.cloud, "one").await.unwrap_err();
    let told = control(&stack, "/control/faults").await;
    assert_eq!((told["seed"].as_u64(), told["rate"].as_f64()), (Some(7), Some(1.0)));
    assert_eq!(told["decisions"], serde_json::json!({ "lose": 1 }));
    let log = std::fs::read_to_string(project.data_dir().join("faults.log")).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told["latest"], serde_json::json!(lines));
    assert_eq!((lines[0]["function"].as_str(), lines[0]["fault"].as_str()), (Some("rest"), Some("lose")));
    stack.shutdown().await;
}
