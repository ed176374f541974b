use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use devstack::{Stack, StackError};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use super::fixture::{Project, eventually, insert, put};

#[tokio::test]
async fn two_do_not_share_a_folder_or_a_port() {
    let project = Project::new();
    let stack = project.start().await;
    let Err(error) = Stack::start(project.options()).await else { panic!("it started") };
    assert!(matches!(error, StackError::DataInUse { .. }), "{error}");
    let other = Project::new();
    let mut options = other.options();
    options.port = stack.urls.api.rsplit(':').next().unwrap().parse().unwrap();
    let Err(error) = Stack::start(options).await else { panic!("it started") };
    assert!(matches!(error, StackError::PortBusy { .. }), "{error}");
    assert!(error.to_string().contains("--port"), "{error}");
    stack.shutdown().await;
    project.start().await.shutdown().await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let project = Project::new();
    let mut options = project.options();
    options.only = vec!["nope".to_owned()];
    let Err(error) = Stack::start(options).await else { panic!("it started") };
    assert!(error.to_string().contains("web, rest, relay, worker"), "{error}");
    std::fs::remove_file(project.path().join("built/rest")).unwrap();
    let Err(error) = Stack::start(project.options()).await else { panic!("it started") };
    assert!(matches!(error, StackError::NoBinary { .. }), "{error}");
}

/// The real program in a project, once it says that it is ready, and its URLs.
fn cargo_dev(project: &Project, arguments: &[&str]) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_devstack"))
        .args(arguments)
        .args(["--port", "0", "--no-demo", "--quiet"])
        .current_dir(project.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ready =
        lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("devstack ready ").map(str::to_owned));
    let urls = serde_json::from_str(&ready.next().unwrap()).unwrap();
    (child, urls)
}

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

fn lives(pid: u32) -> bool {
    test_kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()).is_ok()
}

#[tokio::test]
async fn without_its_functions_the_cloud_runs_and_ends_on_a_signal() {
    let project = Project::new();
    // The discard port: nobody listens there.
    let (mut child, urls) = cargo_dev(&project, &["--cloud-only", "--invoke-url", "http://127.0.0.1:9"]);
    assert!(std::fs::read_to_string(project.data_dir().join("functions.env")).unwrap().contains("AWS_ENDPOINT_URL="));
    let answer = reqwest::get(format!("{}/web", urls["api"].as_str().unwrap())).await.unwrap();
    assert_eq!(answer.status(), 503);
    signal(child.id(), Signal::TERM);
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn sigkill_leaves_no_process_and_loses_nothing() {
    let project = Project::new();
    let (mut child, urls) = cargo_dev(&project, &["--binaries", "built"]);
    let urls: devstack::Urls = serde_json::from_value(urls).unwrap();
    put(&urls.cloud, &serde_json::json!({ "pk": { "S": "one" }, "note": { "S": "one" } })).await;
    project.handled_becomes(&["one"]).await;
    let listed = project.data_dir().join("pids");
    eventually(|| async { listed.exists() }).await;
    let list = std::fs::read_to_string(&listed).unwrap();
    let functions: Vec<u32> = list.lines().map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect();
    assert!(!functions.is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    eventually(|| async { !functions.iter().any(|pid| lives(*pid)) }).await;
    let stack = project.start().await;
    insert(&stack, "two", "two").await;
    eventually(|| async { project.handled().last().is_some_and(|last| last == "two") }).await;
    stack.shutdown().await;
}

#[tokio::test]
async fn no_process_is_left_over() {
    let project = Project::new();
    let stack = project.start().await;
    reqwest::get(format!("{}/web/echo", stack.urls.api)).await.unwrap();
    let pids = stack.pids();
    assert!(!pids.is_empty());
    stack.shutdown().await;
    assert!(!pids.into_iter().any(lives));
}
