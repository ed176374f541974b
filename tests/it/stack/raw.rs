//! HTTP as no well-behaved client writes it: bytes in, bytes out.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::visitor::Reply;

const LIMIT: Duration = Duration::from_secs(60);

/// A request in bytes: whatever stands before the body, and the body.
pub fn request(head: &[u8], body: &[u8]) -> Vec<u8> {
    [head, b"Connection: close\r\n\r\n", body].concat()
}

/// Sends these bytes and reads the answer, which has to come.
pub async fn exchange(api: &str, request: &[u8]) -> Reply {
    let address = api.trim_start_matches("http://");
    let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
    let mut answer = Vec::new();
    // Side by side: an answer may come before the request has been read whole.
    let both = async {
        let sent = writing.write_all(request);
        let read = reading.read_to_end(&mut answer);
        let (_, read) = tokio::join!(sent, read);
        read
    };
    let read = tokio::time::timeout(LIMIT, both).await.expect("a client without an answer");
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(read.is_ok() || !text.is_empty(), "{read:?}");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no HTTP: {text:?}"));
    Reply { status, text: body.to_owned(), json: serde_json::from_str(body).unwrap_or_default() }
}
