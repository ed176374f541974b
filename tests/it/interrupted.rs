//! What the sweep of crash points found: requests that were interrupted, and sent again.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use devstack::cloud::Service;
use devstack::cloud::faults::{Address, Fault, Refusal};
use domain::identity::Session;
use domain::identity::events::SessionReuseDetected;
use domain::identity::session::Method;
use entry::{App, Origin};
use serde_json::Value;
use store::{Store, Tables};
use testkit::Sandbox;
use tokio::net::TcpListener;

use crate::world::{PASSWORD, World};

const EMAIL: &str = "ada@example.com";
const NEW: &str = "another fine passphrase";

impl World {
    /// The next call of this operation of table core or transient meets a fault.
    fn arm(&self, operation: &str, fault: Fault) {
        let at = Address {
            function: "unknown".to_owned(),
            service: Service::DynamoDb,
            operation: operation.to_owned(),
            n: 0,
        };
        self.sandbox.cloud.faults().arm(at, fault);
    }

    #[track_caller]
    fn fired(&self) {
        assert!(self.sandbox.cloud.faults().fired(), "the fault met nothing");
        self.sandbox.cloud.faults().calm();
    }
}

fn denied() -> Fault {
    Fault::Refuse(Refusal::of("AccessDeniedException"))
}

#[tokio::test]
async fn a_reset_that_is_cut_off_leaves_no_address_locked_behind_a_used_link() {
    let world = World::start().await;
    world.person(EMAIL).await;
    for _ in 0..5 {
        world.login(EMAIL, "wrong wrong wrong").await;
    }
    world.login(EMAIL, PASSWORD).await.expect_failure(423, "ACCOUNT_LOCKED");
    world.ask_reset(EMAIL).await.expect(202);
    let token = world.linked("mail.reset").await;
    world.arm("DeleteItem", denied());
    assert_eq!(world.reset(&token, NEW).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    world.fired();
    // The same again, as anybody does who got no answer.
    world.reset(&token, NEW).await.expect(200);
    world.login(EMAIL, NEW).await.expect(200);
}

/// Answers transactions one after another; keeps the tokens that they came with.
async fn table_that_answers(answers: Vec<(u16, &'static str)>) -> (String, Arc<Mutex<Vec<String>>>) {
    let tokens: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = tokens.clone();
    let router = Router::new().fallback(async move |body: Bytes| {
        let request: Value = serde_json::from_slice(&body).unwrap();
        let mut tokens = kept.lock().unwrap();
        tokens.push(request["ClientRequestToken"].as_str().unwrap().to_owned());
        let (status, body) = answers[tokens.len() - 1];
        (StatusCode::from_u16(status).unwrap(), [("content-type", "application/x-amz-json-1.0")], body)
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, tokens)
}

#[tokio::test]
async fn a_transaction_in_progress_is_asked_for_again_and_not_begun_anew() {
    let conflict =
        r#"{"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"TransactionConflict"}]}"#;
    let in_progress = r#"{"__type":"TransactionInProgressException","Message":"in progress"}"#;
    // The SDK asks three times by itself, then it is our turn.
    let late = (400, in_progress);
    let (url, tokens) = table_that_answers([late, late, late, late, (400, conflict), (200, "{}")].to_vec()).await;
    let sandbox = Sandbox::start().await;
    let config = sandbox.aws.config().to_builder().endpoint_url(url).build();
    let tables = Tables { core: "core".to_owned(), transient: "transient".to_owned() };
    let app = App::cold(&sandbox.environment("users"), &sandbox.aws).unwrap();
    let (now, user) = (sandbox.clock.now(), app.id(sandbox.clock.now()));
    let session = Session::begin(app.id(now), user, now, "192.0.2.1", "testkit", Method::Password);
    let told = SessionReuseDetected { user_id: user, session_id: session.id };
    let event = app.event(now, &Origin::default(), None, &[user], &told).unwrap();
    Store::connect(&config, tables).revoke_session(&session, now, event).await.unwrap();
    let tokens = tokens.lock().unwrap();
    assert_eq!(tokens.len(), 6);
    assert!(tokens[..5].iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_ne!(tokens[5], tokens[0], "a cancelled one is over: the next is another");
}
