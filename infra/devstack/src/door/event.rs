//! The payload, format 2.0, that an HTTP API hands to a function.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::encoding::{decode_path, query_parameters};
use super::route::Match;

const ACCOUNT_ID: &str = "000000000000";
const API_ID: &str = "local";

/// Where a request came from and when.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub source_ip: IpAddr,
    pub port: u16,
    pub received: Timestamp,
    pub request_id: String,
}

/// The event for one request; `body` is complete.
pub fn payload(parts: &Parts, body: &[u8], route: &Match<'_>, arrival: &Arrival) -> Value {
    let path = decode_path(parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let domain = domain_name(&parts.headers, parts.uri.host(), arrival.port);
    let headers = headers(&parts.headers, &domain, arrival);
    let mut event = Map::new();
    event.insert("version".into(), "2.0".into());
    event.insert("routeKey".into(), route.route_key.into());
    event.insert("rawPath".into(), path.clone().into());
    event.insert("rawQueryString".into(), query.into());
    let cookies = cookies(&parts.headers);
    if !cookies.is_empty() {
        event.insert("cookies".into(), cookies.into());
    }
    event.insert("headers".into(), headers.into());
    if let Some(parameters) = query_parameters(query) {
        event.insert("queryStringParameters".into(), json!(parameters));
    }
    if !route.path_parameters.is_empty() {
        event.insert("pathParameters".into(), json!(route.path_parameters));
    }
    event.insert("requestContext".into(), request_context(parts, &path, &domain, route, arrival));
    let base64 = !body.is_empty() && !is_text(&parts.headers, body);
    if !body.is_empty() {
        let text = if base64 { STANDARD.encode(body) } else { String::from_utf8_lossy(body).into_owned() };
        event.insert("body".into(), text.into());
    }
    event.insert("isBase64Encoded".into(), base64.into());
    Value::Object(event)
}

fn request_context(parts: &Parts, path: &str, domain: &str, route: &Match<'_>, arrival: &Arrival) -> Value {
    let name = without_port(domain);
    json!({
        "accountId": ACCOUNT_ID,
        "apiId": API_ID,
        "domainName": name,
        "domainPrefix": name.split('.').next().unwrap_or_default(),
        "http": {
            "method": parts.method.as_str(),
            "path": path,
            "protocol": format!("{:?}", parts.version),
            "sourceIp": arrival.source_ip.to_string(),
            "userAgent": parts.headers.get("user-agent").map(text).unwrap_or_default(),
        },
        "requestId": arrival.request_id,
        "routeKey": route.route_key,
        "stage": "$default",
        "time": arrival.received.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": arrival.received.as_millisecond(),
    })
}

/// Lower-case names, duplicates joined by commas, hop-by-hop headers and cookies left out, and what the gateway
/// itself says about the connection put in. The client's `x-forwarded-for` is kept in front, as there: not to be believed.
fn headers(sent: &HeaderMap, domain: &str, arrival: &Arrival) -> Map<String, Value> {
    const DROPPED: [&str; 7] =
        ["connection", "cookie", "host", "keep-alive", "transfer-encoding", "upgrade", "x-forwarded-for"];
    let mut headers = Map::new();
    for name in sent.keys().filter(|name| !DROPPED.contains(&name.as_str())) {
        headers.insert(name.as_str().to_owned(), joined(sent, name.as_str(), ",").into());
    }
    let mut forwarded_for = joined(sent, "x-forwarded-for", ", ");
    if !forwarded_for.is_empty() {
        forwarded_for.push_str(", ");
    }
    forwarded_for.push_str(&arrival.source_ip.to_string());
    headers.insert("host".into(), domain.into());
    headers.insert("x-amzn-trace-id".into(), trace_id(arrival).into());
    headers.insert("x-forwarded-for".into(), forwarded_for.into());
    headers.insert("x-forwarded-port".into(), arrival.port.to_string().into());
    headers.insert("x-forwarded-proto".into(), "http".into());
    headers
}

fn joined(headers: &HeaderMap, name: &str, separator: &str) -> String {
    headers.get_all(name).iter().map(text).collect::<Vec<_>>().join(separator)
}

/// A header's bytes as text: UTF-8 if they are, else Latin-1 as HTTP once said.
fn text(value: &http::HeaderValue) -> String {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn trace_id(arrival: &Arrival) -> String {
    let random: String = uuid::Uuid::now_v7().simple().to_string().chars().skip(8).collect();
    format!("Root=1-{:08x}-{random}", arrival.received.as_second())
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let mut cookies = Vec::new();
    for value in headers.get_all("cookie") {
        cookies.extend(text(value).split(';').map(str::trim).filter(|cookie| !cookie.is_empty()).map(str::to_owned));
    }
    cookies
}

/// The API's own name with its port. A gateway is found by its name and never hands over another one, so a Host that
/// is no name at all is replaced by ours: what the function then does is what it would do in the cloud.
fn domain_name(headers: &HeaderMap, authority: Option<&str>, port: u16) -> String {
    let sent = headers.get("host").and_then(|host| host.to_str().ok()).or(authority);
    match sent {
        Some(host) if is_host(host) => host.to_ascii_lowercase(),
        _ => format!("localhost:{port}"),
    }
}

fn is_host(host: &str) -> bool {
    let name = without_port(host);
    let port = &host[name.len()..];
    let port_fits = port.is_empty() || port[1..].parse::<u16>().is_ok();
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Only letters in the last label, or four numbers: what URL parsers agree to call a host.
    let last_fits = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_alphabetic()))
        || name.parse::<std::net::Ipv4Addr>().is_ok();
    let is_name = name.len() <= 253 && name.split('.').all(label_fits) && last_fits && !name.contains("xn--");
    let is_v6 = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    port_fits && (is_name || is_v6.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()))
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

/// Whether the gateway hands a body over as text: by its content type, as there, and only if it is UTF-8. (There a
/// form is binary as well; an encoded body always is.)
fn is_text(headers: &HeaderMap, body: &[u8]) -> bool {
    if headers.contains_key("content-encoding") || std::str::from_utf8(body).is_err() {
        return false;
    }
    let Some(content_type) = headers.get("content-type") else { return true };
    let content_type = text(content_type).to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind)
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

#[cfg(test)]
mod tests;
