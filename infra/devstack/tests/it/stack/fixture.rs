//! A stack of `fixtures/stack.yaml`, all of whose functions are the probe.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use devstack::{Options, Stack};
use serde_json::Value;

pub const TABLE: &str = "souk-local-core";
pub const QUEUE: &str = "souk-local-work";
pub const FUNCTIONS: [&str; 4] = ["web", "rest", "relay", "worker"];

/// A project folder with a template, "built" binaries and room for data.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        let template = include_str!("../fixtures/stack.yaml");
        let log = folder.path().join("handled.log");
        let template = template.replace("@PROBE_LOG@", &log.display().to_string());
        std::fs::write(folder.path().join("template.yaml"), template).unwrap();
        std::fs::create_dir(folder.path().join("built")).unwrap();
        for function in FUNCTIONS {
            let binary = folder.path().join("built").join(function);
            std::fs::copy(env!("CARGO_BIN_EXE_devstack-probe"), binary).unwrap();
        }
        Project { folder }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join(".dev")
    }

    pub fn options(&self) -> Options {
        Options::prebuilt(self.path(), self.data_dir(), self.path().join("built"))
    }

    pub async fn start(&self) -> Stack {
        Stack::start(self.options()).await.unwrap()
    }

    /// What the functions handled, in their order.
    pub fn handled(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.path().join("handled.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    pub async fn handled_becomes(&self, expected: &[&str]) {
        eventually(|| async { self.handled() == expected }).await;
    }
}

/// Waits until something holds, at most half a minute.
pub async fn eventually<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < deadline, "it did not come true");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Inserts an item with a note, as a function would.
pub async fn insert(stack: &Stack, pk: &str, note: &str) {
    put(&stack.urls.cloud, &serde_json::json!({ "pk": { "S": pk }, "note": { "S": note } })).await;
}

/// The same for any item, at the URL of the cloud.
pub async fn put(cloud: &str, item: &Value) {
    let authorization = "AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/dynamodb/aws4_request, \
        SignedHeaders=host, Signature=0";
    let body = serde_json::json!({ "TableName": TABLE, "Item": item }).to_string();
    let request = reqwest::Client::new()
        .post(cloud)
        .header("authorization", authorization)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20261120T100000Z")
        .header("x-amz-target", "DynamoDB_20120810.PutItem")
        .body(body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
}

/// `data` of an answer of the control port.
pub async fn control(stack: &Stack, path: &str) -> Value {
    let answer: Value = reqwest::get(format!("{}{path}", stack.urls.control)).await.unwrap().json().await.unwrap();
    assert_eq!(answer["success"], true, "{answer}");
    answer["data"].clone()
}
