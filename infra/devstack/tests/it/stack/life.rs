use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use devstack::{Stack, StackError};
use serde_json::Value;

use super::fixture::{Project, eventually};

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

/// The real program beside a foreign `cargo lambda watch` that is not there.
fn cargo_dev(project: &Project) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_devstack"))
        .args(["--cloud-only", "--invoke-url", "http://127.0.0.1:9", "--port", "0"])
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

#[tokio::test]
async fn a_signal_ends_it_cleanly_and_sigkill_does_not_harm_the_next() {
    let project = Project::new();
    let (mut child, urls) = cargo_dev(&project);
    assert!(std::fs::read_to_string(project.data_dir().join("functions.env")).unwrap().contains("AWS_ENDPOINT_URL="));
    let unavailable = reqwest::get(format!("{}/web", urls["api"].as_str().unwrap())).await.unwrap();
    assert_eq!(unavailable.status(), 503);
    child.kill().unwrap();
    child.wait().unwrap();
    let (mut child, _) = cargo_dev(&project);
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    eventually(|| {
        let ended = child.try_wait().unwrap();
        async move { ended.is_some() }
    })
    .await;
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn no_process_is_left_over() {
    let project = Project::new();
    let stack = project.start().await;
    reqwest::get(format!("{}/web/echo", stack.urls.api)).await.unwrap();
    let pids = stack.pids();
    assert!(!pids.is_empty());
    stack.shutdown().await;
    for pid in pids {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
