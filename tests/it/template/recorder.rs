//! Stands between functions and the local cloud and notes what each of them asks for. What does not run locally it answers
//! itself: secrets, as SSM would; and it refuses mails to one recipient, as SES may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::AppName;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use entry::Aws;
use serde_json::{Value, json};
use testkit::Sandbox;
use tokio::net::TcpListener;

use super::calls::asked;
use super::iam::Asked;

/// Mails to this one are refused.
pub const REFUSED: &str = "refused@example.com";

/// Mails to this one are put off.
pub const THROTTLED: &str = "throttled@example.com";

/// What was asked for, by function.
pub type Notes = BTreeMap<String, BTreeSet<Asked>>;

/// A recorder over one sandbox.
pub struct Recorder {
    address: String,
    notes: Arc<Mutex<Notes>>,
}

impl Recorder {
    pub async fn start(sandbox: &Sandbox) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let notes = Arc::new(Mutex::new(Notes::new()));
        let (kept, cloud) = (notes.clone(), format!("http://{}", sandbox.cloud.address()));
        let client = reqwest::Client::new();
        let router = Router::new().fallback(async move |head: Parts, body: Bytes| {
            let call = Call::of(&head);
            let json: Value = serde_json::from_slice(&body).unwrap_or_default();
            let wanted = asked(&call.service, &call.operation, head.uri.path(), &json);
            kept.lock().unwrap().entry(call.function.clone()).or_default().extend(wanted);
            match call.service.as_str() {
                "ssm" => secret(&json),
                "ses" if json.to_string().contains(THROTTLED) => {
                    (StatusCode::TOO_MANY_REQUESTS, [("x-amzn-errortype", "TooManyRequestsException")], "{}")
                        .into_response()
                }
                "ses" if json.to_string().contains(REFUSED) => {
                    (StatusCode::BAD_REQUEST, [("x-amzn-errortype", "MessageRejected")], "{}").into_response()
                }
                _ => forward(&client, &cloud, head, body).await,
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Recorder { address, notes }
    }

    /// AWS settings of one function, by its binary's name.
    pub fn aws(&self, sandbox: &Sandbox, binary: &str) -> Aws {
        let config = sandbox.aws.config().to_builder().endpoint_url(&self.address);
        Aws::of(config.app_name(AppName::new(binary.to_owned()).unwrap()).build())
    }

    pub fn notes(&self) -> Notes {
        self.notes.lock().unwrap().clone()
    }
}

struct Call {
    service: String,
    operation: String,
    function: String,
}

impl Call {
    fn of(head: &Parts) -> Self {
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // `…Credential=key/20261120/us-east-1/{service}/aws4_request`
        let service = text("authorization").split('/').nth(3).unwrap_or_default().to_owned();
        let target = text("x-amz-target").rsplit('.').next().unwrap_or_default();
        let operation = match (service.as_str(), target) {
            ("s3", _) if head.method == "HEAD" => "HeadBucket".to_owned(),
            ("ses", _) if head.uri.path() == "/v2/email/outbound-emails" => "SendEmail".to_owned(),
            (_, "") => format!("{} {}", head.method, head.uri),
            (_, target) => target.to_owned(),
        };
        let agents = format!("{} {}", text("x-amz-user-agent"), text("user-agent"));
        let function = agents.split_whitespace().find_map(|word| word.strip_prefix("app/"));
        Call { service, operation, function: function.unwrap_or("unknown").to_owned() }
    }
}

/// What SSM would answer: in a sandbox secrets are files, and their paths the names of parameters.
fn secret(request: &Value) -> Response {
    assert_eq!(request["WithDecryption"], true);
    let value = std::fs::read_to_string(request["Name"].as_str().unwrap()).unwrap();
    let answer = json!({ "Parameter": { "Name": request["Name"], "Type": "SecureString", "Value": value } });
    ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], answer.to_string()).into_response()
}

async fn forward(client: &reqwest::Client, cloud: &str, head: Parts, body: Bytes) -> Response {
    let mut headers: HeaderMap = head.headers;
    for own in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        headers.remove(own);
    }
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let sent = client.request(head.method, format!("{cloud}{path}")).headers(headers).body(body).send().await.unwrap();
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = sent.status();
    *answer.headers_mut() = sent.headers().clone();
    answer.headers_mut().remove(header::TRANSFER_ENCODING);
    *answer.body_mut() = Body::from(sent.bytes().await.unwrap());
    answer
}
