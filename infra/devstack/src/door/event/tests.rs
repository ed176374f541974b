use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use http::Request;

use super::*;

fn arrival() -> Arrival {
    Arrival {
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 9000,
        received: "2026-11-20T10:00:00.123Z".parse().unwrap_or_default(),
        request_id: "LV7fzho-PHcEJPw=".into(),
    }
}

fn event_of(request: http::request::Builder, body: &[u8]) -> Value {
    let (parts, ()) = request.body(()).unwrap_or_default().into_parts();
    let route = Match { function: "docs", route_key: "$default", path_parameters: BTreeMap::new() };
    payload(&parts, body, &route, &arrival())
}

fn vector(name: &str) -> Value {
    let path = format!("{}/../../tests/vectors/lambda-events/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap_or_default()).unwrap_or_default()
}

/// The request that a client must have sent for the gateway to make `event` of it.
fn request_behind(event: &Value) -> http::request::Builder {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut uri = text(&event["rawPath"]);
    if event["rawQueryString"] != "" {
        uri = format!("{uri}?{}", text(&event["rawQueryString"]));
    }
    let mut request = Request::builder().method(text(&event["requestContext"]["http"]["method"]).as_str()).uri(uri);
    for (name, value) in event["headers"].as_object().into_iter().flatten() {
        for part in text(value).split(',') {
            request = request.header(name, part);
        }
    }
    let cookies: Vec<String> = event["cookies"].as_array().into_iter().flatten().map(text).collect();
    if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
}

#[test]
fn events_equal_the_gateways_own() {
    for name in ["no-authorizer", "iam", "lambda-authorizer", "jwt-authorizer", "multi-value-parameters"] {
        let expected = vector(&format!("example-apigw-v2-request-{name}.json"));
        let (parts, ()) = request_behind(&expected).body(()).unwrap_or_default().into_parts();
        let route = Match {
            function: "docs",
            route_key: "$default",
            path_parameters: serde_json::from_value(expected["pathParameters"].clone()).unwrap_or_default(),
        };
        let body = expected["body"].as_str().unwrap_or_default();
        let event = payload(&parts, body.as_bytes(), &route, &arrival());
        for field in ["version", "routeKey", "rawPath", "rawQueryString", "cookies", "queryStringParameters"] {
            assert_eq!(event.get(field), expected.get(field), "{name}: {field}");
        }
        for field in ["pathParameters", "body", "isBase64Encoded"] {
            assert_eq!(event.get(field), expected.get(field), "{name}: {field}");
        }
        for field in ["stage", "routeKey"] {
            assert_eq!(event["requestContext"][field], expected["requestContext"][field], "{name}: {field}");
        }
        let keys = |value: &Value| -> Vec<String> {
            let ours = |key: &&String| !["authorizer", "authentication"].contains(&key.as_str());
            value.as_object().into_iter().flat_map(Map::keys).filter(ours).cloned().collect()
        };
        assert_eq!(keys(&event["requestContext"]), keys(&expected["requestContext"]), "{name}");
        assert_eq!(keys(&event["requestContext"]["http"]), keys(&expected["requestContext"]["http"]), "{name}");
        for header in keys(&expected["headers"]) {
            assert!(event["headers"].get(header.to_lowercase()).is_some(), "{name}: {header}");
        }
    }
}

#[test]
fn the_time_is_the_common_log_formats() {
    let context = &event_of(Request::builder().uri("/"), b"")["requestContext"];
    assert_eq!(context["time"], "20/Nov/2026:10:00:00 +0000");
    assert_eq!(context["timeEpoch"], 1_795_168_800_123_i64);
    assert_eq!(context["http"]["protocol"], "HTTP/1.1");
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
}

#[test]
fn bodies_that_are_not_text_are_base64() {
    let of = |kind: &str, body: &[u8]| {
        let event = event_of(Request::builder().uri("/").header("content-type", kind), body);
        (event["isBase64Encoded"] == true, event["body"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(of("application/json", b"{}"), (false, "{}".into()));
    assert_eq!(of("application/problem+json; charset=utf-8", b"{}"), (false, "{}".into()));
    assert_eq!(of("text/plain", b"a"), (false, "a".into()));
    assert_eq!(of("application/json", b"\xff"), (true, "/w==".into()));
    assert_eq!(of("image/png", b"a"), (true, "YQ==".into()));
    assert_eq!(of("application/x-www-form-urlencoded", b"a=b"), (true, "YT1i".into()));
    assert_eq!(of("image/png", b""), (false, String::new()));
}

#[test]
fn duplicate_headers_are_joined_and_cookies_move() {
    let request = Request::builder().uri("/").header("X-A", "1").header("x-a", "2").header("cookie", "a=1; b=2");
    let event = event_of(request, b"");
    assert_eq!(event["headers"]["x-a"], "1,2");
    assert_eq!(event["headers"].get("cookie"), None);
    assert_eq!(event["cookies"], serde_json::json!(["a=1", "b=2"]));
}

#[test]
fn a_forged_forwarded_for_does_not_hide_the_source() {
    let event = event_of(Request::builder().uri("/").header("x-forwarded-for", "1.2.3.4"), b"");
    assert_eq!(event["headers"]["x-forwarded-for"], "1.2.3.4, 127.0.0.1");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
}

#[test]
fn a_nonsense_host_becomes_our_own() {
    let long = "a".repeat(300);
    let nonsense = ["", "::", "a b", "[", "[::1", "a:b:c", "%%", "a:99999", "http://x", "..", "é", "1.2.3", &long];
    for host in nonsense {
        let event = event_of(Request::builder().uri("/").header("host", host), b"");
        assert_eq!(event["headers"]["host"], "localhost:9000", "{host}");
        assert_eq!(event["requestContext"]["domainName"], "localhost", "{host}");
    }
    for host in ["localhost:9000", "127.0.0.1:9000", "[::1]:9000", "api.souk.dev"] {
        let event = event_of(Request::builder().uri("/").header("host", host), b"");
        assert_eq!(event["headers"]["host"], host);
    }
}
