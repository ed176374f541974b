//! Requests that nobody sends by accident. Whatever they hold, the answer is the right one, and nothing changes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use devstack::Stack;

use super::local::Local;
use super::raw::{exchange, request};
use super::tables::{everything, written};
use super::visitor::{Reply, Session};
use super::waiting::until;

const PROFILE: &str = "GET /api/v1/users/profile HTTP/1.1\r\n";
const LOGIN: &str = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const MEGABYTE: usize = 1024 * 1024;

/// What there is to change.
async fn state(stack: &Stack) -> (Vec<String>, String, usize) {
    let written = format!("{:.1} write units", written(stack));
    (everything(stack).await, written, stack.cloud().mails(None).unwrap().len())
}

/// A stack with somebody in it, so that there is something to change.
async fn inhabited() -> (Local, Session) {
    let local = Local::start().await;
    let session = local.visitor.join("ada@example.com").await;
    // What follows from joining comes a moment later: the mark of the mail, the notice, the views.
    until("everything has followed", Duration::from_secs(10), async || {
        let items = everything(&local.stack).await;
        let is_there = |part: &str| items.iter().any(|item| item.contains(part));
        ["sentAt", "NTF#", "VIEW#"].into_iter().all(is_there).then_some(())
    })
    .await;
    (local, session)
}

fn head(lines: &[&[u8]]) -> Vec<u8> {
    request(&lines.concat(), b"")
}

fn post(length: &str, body: &[u8]) -> Vec<u8> {
    request(format!("{LOGIN}Content-Length: {length}\r\n").as_bytes(), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_about_the_connection_changes_no_answer() {
    let (local, session) = inhabited().await;
    let before = state(&local.stack).await;
    let bearer = format!("Authorization: Bearer {}\r\n", session.access);
    let lines: [&[u8]; 20] = [
        b"",
        b"Host: a b c\r\n",
        b"Host: [::1\r\n",
        b"Host: \x80\r\n",
        b"Host: \r\n",
        b"Host: :99999\r\n",
        b"Host: http://evil.example/x?y#z\r\n",
        b"Host: localhost\r\nX-Forwarded-Proto: nonsense\r\n",
        b"Host: localhost\r\nX-Forwarded-Proto: ://\r\n",
        b"Host: localhost\r\nX-Forwarded-Proto: \x80\r\n",
        b"Host: localhost\r\nX-Forwarded-Proto: https, http\r\n",
        b"Host: localhost\r\nX-Forwarded-Port: minus one\r\n",
        b"Host: localhost\r\nX-Forwarded-Port: 99999999999\r\n",
        b"Host: localhost\r\nX-Forwarded-For: <script>, 999.999.999.999\r\n",
        b"Host: localhost\r\nX-Forwarded-For: \x80\xff\r\n",
        b"Host: localhost\r\nX-Forwarded-Host: [[[\r\n",
        b"Host: localhost\r\nForwarded: for=;host=\" \";proto\r\n",
        b"Host: localhost\r\nX-Request-Id: \x80\r\n",
        b"Host: localhost\r\nCookie: ;;;=;\x80\r\n",
        b"Host: localhost\r\nUser-Agent: \xf0\x28\x8c\x28\r\n",
    ];
    for line in lines {
        let shown = String::from_utf8_lossy(line).into_owned();
        println!("{shown:?}");
        let anonymous = exchange(&local.visitor.api, &head(&[PROFILE.as_bytes(), line])).await;
        anonymous.expect_failure(401, "AUTHENTICATION_FAILED");
        let known = exchange(&local.visitor.api, &head(&[PROFILE.as_bytes(), line, bearer.as_bytes()])).await;
        assert_eq!(known.expect(200).json["data"]["email"], "ada@example.com");
    }
    assert_eq!(state(&local.stack).await, before);
    local.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn targets_that_lead_nowhere_are_told_so() {
    let (local, _) = inhabited().await;
    let before = state(&local.stack).await;
    for (line, status, code) in [
        ("GET http://evil.example/api/v1/users/profile HTTP/1.1", 401, "AUTHENTICATION_FAILED"),
        ("GET http://[::1/api/v1/users/profile HTTP/1.1", 400, ""),
        ("GET /api/v1/auth/%zz HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/auth/%00 HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/auth/%ff%fe HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/users/%2e%2e/auth/login HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/users/../auth/login HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/users/profile%2f%2e%2e HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/users/profile?%zz=%ff&&==&a=%00 HTTP/1.1", 401, "AUTHENTICATION_FAILED"),
        ("GET /api/v1/users//profile HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET //api/v1/users/profile HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/auth/verify-email?token=%ff%00' HTTP/1.1", 400, "TOKEN_INVALID"),
        ("GET /api/v1/auth/nothing HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1 HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /nowhere/at/all HTTP/1.1", 404, "RESOURCE_NOT_FOUND"),
        ("GET /api/v1/auth/login HTTP/1.1", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE /api/v1/users/profile HTTP/1.1", 405, "METHOD_NOT_ALLOWED"),
        ("NONSENSE /api/v1/users/profile HTTP/1.1", 405, "METHOD_NOT_ALLOWED"),
        ("OPTIONS * HTTP/1.1", 400, ""),
        ("GET nonsense HTTP/1.1", 400, ""),
        ("GET /api/v1/users/profile HTTP/9.9", 400, ""),
        ("GET /api/v1/users/profile HTTP/1.1\r\nX-A: \u{1}\0\u{7f}", 400, ""),
        ("nonsense", 400, ""),
    ] {
        println!("{line}");
        let request = head(&[line.as_bytes(), b"\r\nHost: localhost\r\n"]);
        expect(exchange(&local.visitor.api, &request).await, status, code);
    }
    assert_eq!(state(&local.stack).await, before);
    local.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_none_are_refused() {
    let (local, _) = inhabited().await;
    let before = state(&local.stack).await;
    let api = &local.visitor.api;
    let of = |body: &[u8]| post(&body.len().to_string(), body);
    let long_name = [b"{\"email\":\"", vec![b'x'; 2 * MEGABYTE].as_slice(), b"\"}"].concat();
    for (what, request, status, code) in [
        ("not JSON", of(b"{\"email\":"), 400, "VALIDATION_ERROR"),
        ("no object", of(b"[1]"), 400, "VALIDATION_ERROR"),
        ("empty", of(b""), 400, "VALIDATION_ERROR"),
        ("not UTF-8", of(b"{\"email\":\"\xff\xfe\",\"password\":\"\x80\"}"), 400, "VALIDATION_ERROR"),
        ("NUL", of(b"\0\0\0\0"), 400, "VALIDATION_ERROR"),
        ("deep", of("[".repeat(60_000).as_bytes()), 400, "VALIDATION_ERROR"),
        ("2 MB", of(&long_name), 413, "PAYLOAD_TOO_LARGE"),
        // More than an event may hold, and more than the gateway reads: its own words.
        ("7 MB", of(&vec![b'x'; 7 * MEGABYTE]), 413, ""),
        ("10 MB", of(&vec![b'x'; 10 * MEGABYTE]), 413, ""),
        ("12 MB", of(&vec![b'x'; 12 * MEGABYTE]), 413, ""),
        ("a length that is none", post("-1", b"{}"), 400, ""),
        ("two lengths", post("2\r\nContent-Length: 3", b"{}"), 400, ""),
        ("broken off", post("2\r\nTransfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"), 400, ""),
    ] {
        println!("{what}");
        expect(exchange(api, &request).await, status, code);
    }
    let text =
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n";
    let reply = exchange(api, &request(text.as_bytes(), b"{}")).await;
    reply.expect_failure(415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(state(&local.stack).await, before);
    local.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_are_none_open_nothing() {
    let (local, session) = inhabited().await;
    let before = state(&local.stack).await;
    let parts: Vec<&str> = session.access.split('.').collect();
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let symmetric = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"at+jwt"}"#);
    let reversed: String = parts[2].chars().rev().collect();
    let forged: Vec<Vec<u8>> = vec![
        b"Bearer".to_vec(),
        b"Bearer ".to_vec(),
        b"Bearer a.b.c".to_vec(),
        b"Bearer \x80\xff".to_vec(),
        b"Basic YTpi".to_vec(),
        session.access.clone().into_bytes(),
        format!("Bearer {}", session.refresh).into_bytes(),
        format!("Bearer {unsigned}.{}.", parts[1]).into_bytes(),
        format!("Bearer {symmetric}.{}.{}", parts[1], parts[2]).into_bytes(),
        format!("Bearer {}.{}.{reversed}", parts[0], parts[1]).into_bytes(),
        format!("Bearer {} {}", session.access, session.access).into_bytes(),
        format!("Bearer {}\r\nAuthorization: Bearer a.b.c", session.access).into_bytes(),
        format!("Bearer {}", "A".repeat(8_000)).into_bytes(),
    ];
    for authorization in &forged {
        let shown = String::from_utf8_lossy(authorization);
        println!("{}", shown.chars().take(80).collect::<String>());
        let line = [b"Host: localhost\r\nAuthorization: ", authorization.as_slice(), b"\r\n"].concat();
        for path in ["/api/v1/users/profile", "/api/v1/auth/session"] {
            let target = format!("GET {path} HTTP/1.1\r\n");
            let reply = exchange(&local.visitor.api, &head(&[target.as_bytes(), &line])).await;
            reply.expect_failure(401, "AUTHENTICATION_FAILED");
        }
    }
    local.visitor.profile(&session.access).await.expect(200);
    assert_eq!(state(&local.stack).await, before);
    local.end().await;
}

/// Without a code it is the gateway that answers, in its own words.
#[track_caller]
fn expect(reply: Reply, status: u16, code: &str) {
    match code {
        "" => {
            let reply = reply.expect(status);
            assert!(reply.json.get("success").is_none(), "{}", reply.text);
        }
        code => {
            reply.expect_failure(status, code);
        }
    }
}
