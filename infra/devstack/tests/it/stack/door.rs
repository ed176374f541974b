use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::fixture::{Project, control};

async fn get(url: String) -> (StatusCode, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_request_becomes_an_event_and_an_answer_a_response() {
    let project = Project::new();
    let stack = project.start().await;
    let api = &stack.urls.api;
    let answer = Client::new().post(format!("{api}/web/a%20b/echo?x=1&x=2")).header("x-a", "b").body("hi").send();
    let event: Value = answer.await.unwrap().json().await.unwrap();
    assert_eq!(event["routeKey"], "ANY /web/{proxy+}");
    assert_eq!(event["rawPath"], "/web/a b/echo");
    assert_eq!(event["pathParameters"]["proxy"], "a b/echo");
    assert_eq!(event["queryStringParameters"]["x"], "1,2");
    assert_eq!(event["headers"]["x-a"], "b");
    assert_eq!(event["body"], "hi");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");

    let (_, event) = get(format!("{api}/nowhere")).await;
    assert_eq!(serde_json::from_str::<Value>(&event).unwrap()["routeKey"], "$default");

    let response = reqwest::get(format!("{api}/web/cookies")).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["x-a"].to_str().unwrap()), (204, "b"));
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    let response = reqwest::get(format!("{api}/web/binary")).await.unwrap();
    assert_eq!(response.bytes().await.unwrap().as_ref(), b"\xff");
    for method in [Method::HEAD, Method::OPTIONS, Method::PATCH] {
        let response = Client::new().request(method.clone(), format!("{api}/web/echo")).send().await.unwrap();
        assert_eq!(response.status(), 200, "{method}");
    }
    stack.shutdown().await;
}

#[tokio::test]
async fn failures_are_the_gateways_own() {
    let project = Project::new();
    let stack = project.start().await;
    let api = &stack.urls.api;
    let internal = (StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"Internal Server Error"}"#.to_owned());
    assert_eq!(get(format!("{api}/web/crash")).await, internal);
    assert_eq!(get(format!("{api}/web/abort")).await, internal);
    assert_eq!(get(format!("{api}/web/malformed")).await, internal);
    let begun = Instant::now();
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, r#"{"message":"Service Unavailable"}"#.to_owned());
    assert_eq!(get(format!("{api}/web/slow")).await, unavailable);
    assert!((900..4_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!(get(format!("{api}/web/echo")).await.0, 200);
    let log = control(&stack, "/control/invocations").await;
    let statuses: Vec<&str> = log.as_array().unwrap().iter().map(|entry| entry["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["200", "503", "500", "500", "500"]);
    assert_eq!(log[1]["trigger"], "GET /web/slow");
    stack.shutdown().await;
}

#[tokio::test]
async fn limits_are_the_gateways() {
    let project = Project::new();
    let stack = project.start().await;
    let url = format!("{}/web/echo", stack.urls.api);
    for megabytes in [7, 12] {
        let response = Client::new().post(&url).body(vec![b'a'; megabytes * 1024 * 1024]).send().await.unwrap();
        assert_eq!(response.status(), 413);
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Request Entity Too Large"}"#);
    }
    let response = Client::new().get(&url).header("x-long", "a".repeat(10_240)).send().await.unwrap();
    assert_eq!(response.status(), 431);
    let response = Client::new().get(&url).header("x-long", "a".repeat(9_000)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    stack.shutdown().await;
}

#[tokio::test]
async fn three_hundred_at_once_are_all_answered() {
    let project = Project::new();
    let stack = project.start().await;
    let client = Client::new();
    let requests = (0..300).map(|_| client.get(format!("{}/web/pause", stack.urls.api)).send());
    for response in futures::future::join_all(requests).await {
        assert_eq!(response.unwrap().status(), 200);
    }
    stack.shutdown().await;
}

#[tokio::test]
async fn killed_functions_under_load_leave_nobody_without_an_answer() {
    let project = Project::new();
    let stack = project.start().await;
    let client = Client::new();
    let url = format!("{}/web/pause", stack.urls.api);
    let requests = futures::future::join_all((0..100).map(|_| client.get(&url).send()));
    let killer = async {
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(60)).await;
            for pid in stack.pids() {
                let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
                // One that has just ended by itself is as good.
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    };
    let (responses, ()) = futures::join!(requests, killer);
    for response in responses {
        assert!([200, 500].contains(&response.unwrap().status().as_u16()));
    }
    assert_eq!(get(url).await.0, 200);
    stack.shutdown().await;
}

#[tokio::test]
async fn nonsense_on_the_wire_gets_an_answer() {
    let project = Project::new();
    let stack = project.start().await;
    let address = stack.urls.api.trim_start_matches("http://").to_owned();
    for (request, expected) in [
        ("GET /web/echo HTTP/1.1\r\nHost: %%nonsense[]\r\n", "HTTP/1.1 200"),
        ("GET /web/%zz%/echo HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 200"),
        ("GET /web/%ff/echo HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 200"),
        ("GET /web/echo?%zz=%ff&&= HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 200"),
        ("GET /web/echo HTTP/1.1\r\n", "HTTP/1.1 200"),
        ("GET http://other/web/echo HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 200"),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 400"),
        ("NONSENSE /web/echo HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 200"),
        ("GET nonsense HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 400"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(format!("{request}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(expected), "{request}: {answer}");
    }
    stack.shutdown().await;
}
