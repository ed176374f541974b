//! The sample events in events/: each is what AWS would send, and the real binary has a sensible answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use runtime::{FunctionSpec, Runtime};
use serde_json::{Value, json};
use testkit::Sandbox;

use super::binaries;

/// One function in a process of its own, with the AWS parts of `sandbox`.
pub struct Running {
    runtime: Runtime,
    name: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Running {
    /// `change` is for what the function finds in its environment.
    pub async fn start(sandbox: &Sandbox, name: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = log.clone();
        let runtime = Runtime::start(Arc::new(move |_, line| lines.lock().unwrap().push(line.to_owned())));
        let runtime = runtime.await.unwrap();
        let function = sandbox.template.functions.iter().find(|function| function.binary == name);
        let function = function.unwrap_or_else(|| panic!("template.yaml has no function {name}"));
        let mut env: Vec<(String, String)> = function.environment.clone().into_iter().collect();
        env.extend(sandbox.cloud.environment());
        change(&mut env);
        runtime.register(FunctionSpec {
            name: name.to_owned(),
            binary: binaries::functions().join(name),
            env,
            timeout: function.timeout,
            memory_mb: function.memory_mb,
            max_instances: 1,
        });
        Running { runtime, name: name.to_owned(), log }
    }

    pub async fn invoke(&self, event: &Value) -> Result<Value, runtime::InvokeError> {
        self.invoke_in(event, None).await
    }

    /// The same with a client context.
    pub async fn invoke_in(&self, event: &Value, context: Option<Value>) -> Result<Value, runtime::InvokeError> {
        let answer = self.runtime.invoke(&self.name, event.to_string().into(), context).await?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// What it has written.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    pub fn pids(&self) -> Vec<u32> {
        self.runtime.pids()
    }

    pub async fn end(self) {
        self.runtime.shutdown().await;
    }
}

/// The sample event of a function.
pub fn sample(name: &str) -> Value {
    let path = binaries::root().join("events").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("function {name} has no sample {}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What it answers; records that it reports failed are delivered again, as their source would on a busy day.
async fn answer(sandbox: &Sandbox, name: &str) -> Value {
    const DELIVERIES: usize = 5;
    let function = Running::start(sandbox, name, |_| {}).await;
    for _ in 0..DELIVERIES {
        let answered = function.invoke(&sample(name)).await;
        let answer = answered.unwrap_or_else(|error| panic!("{name}: {error}\n{}", function.log()));
        if answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty) {
            function.end().await;
            return answer;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("{name} keeps failing:\n{}", function.log());
}

/// The body of an HTTP answer, in the envelope or not.
fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_function_has_a_sample_that_it_can_answer() {
    for name in binaries::names() {
        let sandbox = Sandbox::start().await;
        let (event, answer) = (sample(&name), answer(&sandbox, &name).await);
        match event["Records"][0]["eventSource"].as_str() {
            Some("aws:sqs" | "aws:dynamodb") => {
                assert_eq!(answer["batchItemFailures"], json!([]), "{name}: {answer}");
            }
            Some(other) => panic!("{name}: nothing here sends events of {other}"),
            None => {
                assert_eq!(event["version"], "2.0", "{name}: neither records nor a request");
                let status = answer["statusCode"].as_u64().unwrap_or_default();
                assert!((200..500).contains(&status), "{name}: {answer}");
                assert!(answer["headers"]["content-type"].is_string(), "{name}: {answer}");
                assert!(answer["headers"]["x-request-id"].is_string(), "{name}: {answer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_sample_does_what_it_says() {
    let sandbox = Sandbox::start().await;
    // Nobody is registered: the answer to a stranger's login.
    let login = answer(&sandbox, "auth").await;
    assert_eq!(
        (&login["statusCode"], &body(&login)["code"]),
        (&json!(401), &json!("AUTHENTICATION_FAILED")),
        "{login}"
    );
    let profile = answer(&sandbox, "users").await;
    assert_eq!((&profile["statusCode"], &body(&profile)["success"]), (&json!(401), &json!(false)), "{profile}");
    let docs = answer(&sandbox, "docs").await;
    assert_eq!((&docs["statusCode"], &docs["isBase64Encoded"]), (&json!(200), &json!(false)), "{docs}");
    assert_eq!(body(&docs)["success"], true, "{docs}");

    answer(&sandbox, "outbox-relay").await;
    let queues = sandbox.cloud.queues().await.unwrap();
    assert!(queues.iter().any(|queue| queue.name == "souk-local-mailer" && queue.visible > 0), "{queues:?}");
    answer(&sandbox, "mailer").await;
    assert!(!sandbox.cloud.mails(None).unwrap().is_empty());
}
