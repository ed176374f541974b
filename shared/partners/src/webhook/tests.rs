//! Attempts against receivers of every kind.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers each time what stands next.
struct Answers(Mutex<Vec<Vec<&'static str>>>);

impl Resolve for Answers {
    fn resolve(&self, _: Name) -> Resolving {
        let next = self.0.lock().unwrap().remove(0);
        let addresses: Vec<SocketAddr> =
            next.into_iter().map(|ip| SocketAddr::new(ip.parse::<IpAddr>().unwrap(), 0)).collect();
        Box::pin(async move {
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// A receiver that answers so; its port, what it was asked, and how often.
async fn receiver(answer: &'static str) -> (u16, Arc<Mutex<String>>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, count) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicUsize::new(0)));
    let (kept, counted) = (asked.clone(), count.clone());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let mut buffer = vec![0; 8192];
            let mut text = String::new();
            while !text.ends_with("{}") {
                let read = stream.read(&mut buffer).await.unwrap();
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            *kept.lock().unwrap() = text;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (port, asked, count)
}

async fn send(client: &WebhookClient, url: &str) -> Reply {
    let at = Time::from_millis(1_795_168_800_999);
    let url = url.parse().unwrap();
    let message = Message { url: &url, id: Id::new(at, [7; 10]), at, signature: "v1,a v1,b".into(), body: "{}" };
    client.send(&message).await
}

fn local(answers: Vec<Vec<&'static str>>) -> WebhookClient {
    WebhookClient::new(Reach::PublicAndLoopback, Answers(Mutex::new(answers))).unwrap()
}

#[tokio::test]
async fn an_attempt_carries_the_three_headers_and_the_body() {
    let (port, asked, _) = receiver("HTTP/1.1 204 No Content\r\n\r\n").await;
    let reply = send(&local(vec![vec!["127.0.0.1"]]), &format!("http://receiver.example:{port}/a?b=c")).await;
    assert_eq!((reply.status_code, reply.error), (Some(204), None));
    let asked = asked.lock().unwrap().clone();
    assert!(asked.starts_with("POST /a?b=c HTTP/1.1\r\n"), "{asked}");
    for line in ["webhook-timestamp: 1795168800", "webhook-signature: v1,a v1,b", "content-type: application/json"] {
        assert!(asked.contains(&format!("{line}\r\n")), "{line} in {asked}");
    }
    assert!(asked.contains("webhook-id: evt_") && asked.ends_with("\r\n\r\n{}"));
}

#[tokio::test]
async fn a_name_is_resolved_each_time_and_all_it_answers_must_be_within_reach() {
    let (port, _, count) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let refused: [&[&str]; 9] = [
        &["10.0.0.1"],
        &["127.0.0.1", "10.0.0.1"],
        &["127.0.0.1", "::1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::a9fe:a9fe"],
        &["fd00:ec2::254"],
        &["0.0.0.0"],
    ];
    // Public first, inner then: the name of an attacker who answers as he likes.
    let mut answers = vec![vec!["127.0.0.1"]];
    answers.extend(refused.iter().map(|addresses| addresses.to_vec()));
    answers.push(Vec::new());
    let client = local(answers);
    let url = format!("http://receiver.example:{port}/");
    assert_eq!(send(&client, &url).await.status_code, Some(200));
    for addresses in refused {
        let reply = send(&client, &url).await;
        let told = reply.error.unwrap_or_default();
        assert!(told.contains("private, local or reserved"), "{addresses:?}: {told}");
    }
    assert_eq!(send(&client, &url).await.error.as_deref(), Some("the host cannot be resolved"));
    assert_eq!(count.load(Ordering::SeqCst), 1, "nobody was called but by the first attempt");
}

#[tokio::test]
async fn outside_a_laptop_neither_http_nor_loopback_is_called() {
    let (port, _, count) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let client = WebhookClient::new(Reach::Public, Answers(Mutex::new(vec![vec!["127.0.0.1"]]))).unwrap();
    for url in ["http://receiver.example", "http://127.0.0.1", "https://127.0.0.1", "https://[::1]", "https://0x7f.1"] {
        let reply = send(&client, &format!("{url}:{port}/")).await;
        assert!(reply.status_code.is_none() && reply.error.is_some(), "{url}");
    }
    let reply = send(&client, &format!("https://receiver.example:{port}/")).await;
    assert!(reply.error.unwrap().contains("private, local or reserved"));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn redirects_are_not_followed_and_broken_answers_are_no_delivery() {
    for (answer, status, told) in [
        ("HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n", Some(301), "not followed"),
        ("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n", Some(500), "answered 500"),
        ("HTTP/1.1 20", None, "no readable answer"),
        ("nonsense\r\n\r\n", None, "no readable answer"),
        ("", None, "no readable answer"),
    ] {
        let (port, ..) = receiver(answer).await;
        let reply = send(&local(Vec::new()), &format!("http://127.0.0.1:{port}/")).await;
        let error = reply.error.unwrap();
        assert!(reply.status_code == status && error.contains(told), "{answer:?}: {error}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let reply = send(&local(Vec::new()), &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(reply.error.as_deref(), Some("no connection"));
}

#[tokio::test]
async fn a_receiver_that_speaks_no_tls_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(30)).await;
    });
    let reply = send(&local(Vec::new()), &format!("https://127.0.0.1:{port}/")).await;
    assert!(reply.error.as_deref().unwrap_or_default().starts_with("TLS failed"), "{reply:?}");
}

#[tokio::test]
async fn a_receiver_has_fifteen_seconds_to_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reply = send(&local(Vec::new()), &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(reply.error.as_deref(), Some("no answer within 15 seconds"));
    assert!((15_000..20_000).contains(&reply.duration_ms), "{}", reply.duration_ms);
}
