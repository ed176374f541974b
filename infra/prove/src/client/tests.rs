//! What is sent again, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

const SHORT: Duration = Duration::from_secs(5);

/// A status and its Retry-After.
type Script = &'static [(u16, Option<&'static str>)];

/// Answers the scripted statuses one after another, then the last one for ever; counts what came under key `k`.
async fn serve(script: Script) -> (Client, Arc<AtomicUsize>) {
    let came = Arc::new(AtomicUsize::new(0));
    let answer = |State((script, came)): State<(Script, Arc<AtomicUsize>)>, headers: HeaderMap| async move {
        assert_eq!(headers["idempotency-key"], "k");
        let n = came.fetch_add(1, Ordering::SeqCst);
        let (status, wait) = script[n.min(script.len() - 1)];
        let mut response: Response = (StatusCode::from_u16(status).unwrap(), r#"{"code":"X"}"#).into_response();
        if let Some(wait) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(wait));
        }
        response
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state((script, Arc::clone(&came)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(&url).unwrap(), came)
}

fn request() -> Request {
    Request::post("/x?secret=1", json!({ "a": 1 })).key("k")
}

#[tokio::test]
async fn what_failed_in_passing_is_sent_again_until_it_is_answered() {
    let (client, came) = serve(&[(503, None), (500, None), (429, Some("0")), (409, Some("0")), (201, None)]).await;
    let told = client.until_answered(&request(), Patience::of(SHORT)).await.unwrap();
    assert_eq!((told.reply.status, told.attempts, told.lost), (201, 5, 2));
    assert_eq!(came.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    for status in [400, 401, 403, 404, 409, 422] {
        let (client, came) = serve(Box::leak(Box::new([(status, None)]))).await;
        let told = client.until_answered(&request(), Patience::of(SHORT)).await.unwrap();
        assert_eq!((told.reply.status, told.reply.code(), told.lost), (status, "X", 0));
        assert_eq!(came.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn patience_ends() {
    let (client, _) = serve(&[(503, None)]).await;
    let error = client.until_answered(&request(), Patience::of(Duration::from_millis(500))).await.unwrap_err();
    assert_eq!((error.attempts, error.lost), (3, 3));
    assert!(error.to_string().starts_with("POST /x had no final answer in 3 attempts, the last: 503 X"), "{error}");
}

#[tokio::test]
async fn no_answer_is_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(&url).unwrap();
    client.once(&request()).await.unwrap_err();
    let error = client.until_answered(&request(), Patience::of(Duration::from_millis(150))).await.unwrap_err();
    assert_eq!((error.attempts, error.lost), (2, 2));
}
