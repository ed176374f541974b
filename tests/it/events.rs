//! Events to test with, and what stands in for AWS where it is to fail.

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use domain::event::{Event, Payload};
use domain::identity::events::{MailAlreadyRegistered, UserLoggedOut};
use domain::identity::session::Method;
use domain::{Id, Time};
use entry::Aws;
use entry::keys::random;
use serde_json::Value;
use testkit::Sandbox;
use tokio::net::TcpListener;

/// Some time in 2026.
pub fn then() -> Time {
    Time::from_millis(1_795_168_800_000)
}

/// An event that tells `payload`.
pub fn event<P: Payload>(payload: &P) -> Event {
    Event {
        id: Id::new(then(), random()),
        name: P::ROW.name.to_owned(),
        occurred_at: then(),
        actor_id: None,
        subject_ids: Vec::new(),
        request_id: "0123456789abcdef".to_owned(),
        data: serde_json::to_value(payload).unwrap(),
        v: 1,
    }
}

/// An event that one mail goes out for.
pub fn mailed(email: &str) -> Event {
    event(&MailAlreadyRegistered { email: email.parse().unwrap() })
}

/// An event that has no mail, but may go to integrators.
pub fn unmailed() -> Event {
    let payload = UserLoggedOut {
        user_id: Id::new(then(), random()),
        session_id: Id::new(then(), random()),
        method: Method::Password,
    };
    event(&payload)
}

/// A sample payload under `events/`.
pub fn payload(function: &str) -> Value {
    let path = format!("{}/../events/{function}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// AWS settings that lead to a service that answers as `answer` says.
pub async fn stand_in<F>(sandbox: &Sandbox, answer: F) -> Aws
where
    F: Fn(Value) -> (StatusCode, Value) + Clone + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(async move |body: Bytes| {
        let (status, answer) = answer(serde_json::from_slice(&body).unwrap());
        (status, answer.to_string())
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    leading_to(sandbox, &format!("http://{address}"))
}

/// AWS settings that lead to a port that nobody listens on.
pub async fn out_of_reach(sandbox: &Sandbox) -> Aws {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    leading_to(sandbox, &format!("http://{address}"))
}

/// AWS settings that lead to a port where calls are heard and never answered.
pub async fn silent(sandbox: &Sandbox) -> (Aws, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (leading_to(sandbox, &format!("http://{address}")), listener)
}

fn leading_to(sandbox: &Sandbox, endpoint: &str) -> Aws {
    Aws::of(sandbox.aws.config().to_builder().endpoint_url(endpoint).build())
}
