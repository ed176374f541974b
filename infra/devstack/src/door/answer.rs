//! What the gateway makes of a function's answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use serde_json::Value;

/// A response whose body is complete.
pub type Answer = Response<Full<Bytes>>;

/// A function's answer that is no HTTP response; the client sees `Internal Server Error`.
#[derive(Debug, PartialEq)]
pub struct Malformed(pub &'static str);

/// Reads a function's answer. As the gateway does with format 2.0, JSON without a `statusCode` is itself the body of a 200.
///
/// # Errors
/// What is not JSON, or is not the shape of a response.
pub fn read(answer: &[u8], method: &Method) -> Result<Answer, Malformed> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| Malformed("not JSON"))?;
    let Some(status) = answer.get("statusCode") else { return Ok(inferred(&answer)) };
    let status = status_code(status)?;
    let headers = headers(&answer)?;
    let body = body(&answer)?;
    Ok(respond(status, headers, body, method))
}

/// One of the gateway's own answers: `{"message":"…"}`.
pub fn own(status: StatusCode, message: &str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = serde_json::json!({ "message": message }).to_string();
    respond(status, headers, body.into(), &Method::GET)
}

fn inferred(answer: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = match answer {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    respond(StatusCode::OK, headers, body.into(), &Method::GET)
}

fn respond(status: StatusCode, mut headers: HeaderMap, body: Bytes, method: &Method) -> Answer {
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    // The length is ours to say, save where a HEAD speaks of a body that it does not carry.
    if method != Method::HEAD || !body.is_empty() {
        headers.remove(CONTENT_LENGTH);
    }
    if !body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    }
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn status_code(status: &Value) -> Result<StatusCode, Malformed> {
    let number = match status {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    number
        .filter(|number| (200..=599).contains(number))
        .and_then(|number| StatusCode::from_u16(number).ok())
        .ok_or(Malformed("statusCode is no status"))
}

fn headers(answer: &Value) -> Result<HeaderMap, Malformed> {
    let mut headers = HeaderMap::new();
    for (name, values) in object(answer, "multiValueHeaders")? {
        for value in values.as_array().ok_or(Malformed("multiValueHeaders is no map of lists"))? {
            append(&mut headers, name, value)?;
        }
    }
    for (name, value) in object(answer, "headers")? {
        // What both name, the lists have said already.
        if !headers.contains_key(name.as_str()) {
            append(&mut headers, name, value)?;
        }
    }
    match answer.get("cookies") {
        None | Some(Value::Null) => {}
        Some(Value::Array(cookies)) => {
            for cookie in cookies {
                append(&mut headers, SET_COOKIE.as_str(), cookie)?;
            }
        }
        Some(_) => return Err(Malformed("cookies is no list")),
    }
    Ok(headers)
}

fn object<'a>(answer: &'a Value, field: &str) -> Result<Vec<(&'a String, &'a Value)>, Malformed> {
    match answer.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(entries)) => Ok(entries.iter().collect()),
        Some(_) => Err(Malformed("headers is no map")),
    }
}

fn append(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), Malformed> {
    let value = match value {
        Value::String(text) => HeaderValue::from_bytes(text.as_bytes()),
        Value::Number(number) => HeaderValue::from_str(&number.to_string()),
        Value::Bool(flag) => Ok(HeaderValue::from_static(if *flag { "true" } else { "false" })),
        _ => return Err(Malformed("a header's value is no text")),
    };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed("a header's name is none"))?;
    headers.append(name, value.map_err(|_| Malformed("a header's value is none"))?);
    Ok(())
}

fn body(answer: &Value) -> Result<Bytes, Malformed> {
    let encoded = match answer.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(encoded)) => *encoded,
        Some(_) => return Err(Malformed("isBase64Encoded is no boolean")),
    };
    match answer.get("body") {
        None | Some(Value::Null) => Ok(Bytes::new()),
        Some(Value::String(text)) if encoded => {
            STANDARD.decode(text).map(Bytes::from).map_err(|_| Malformed("body is not base64"))
        }
        Some(Value::String(text)) => Ok(Bytes::from(text.clone())),
        Some(_) => Err(Malformed("body is no text")),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::*;

    fn of(answer: Value) -> Result<Answer, Malformed> {
        read(answer.to_string().as_bytes(), &Method::GET)
    }

    async fn body_of(answer: Answer) -> Vec<u8> {
        answer.into_body().collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default()
    }

    #[tokio::test]
    async fn a_whole_answer_is_read() -> Result<(), Malformed> {
        let answer = of(json!({
            "statusCode": 201,
            "headers": {"content-type": "application/json", "x-a": "1", "x-both": "single"},
            "multiValueHeaders": {"x-b": ["1", "2"], "x-both": ["many"]},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "eyJhIjoxfQ==",
            "isBase64Encoded": true
        }))?;
        assert_eq!(answer.status(), 201);
        let all = |name: &str| -> Vec<_> { answer.headers().get_all(name).iter().map(|v| v.to_str().ok()).collect() };
        assert_eq!(all("x-b"), [Some("1"), Some("2")]);
        assert_eq!(all("x-both"), [Some("many")]);
        assert_eq!(all("set-cookie"), [Some("a=1; Path=/"), Some("b=2")]);
        assert_eq!(body_of(answer).await, b"{\"a\":1}");
        Ok(())
    }

    #[tokio::test]
    async fn an_answer_without_a_status_is_the_body_itself() -> Result<(), Malformed> {
        let answer = of(json!({"hello": "world"}))?;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[CONTENT_TYPE]),
            (200, &HeaderValue::from_static("application/json"))
        );
        assert_eq!(body_of(answer).await, br#"{"hello":"world"}"#);
        assert_eq!(body_of(of(json!("plain"))?).await, b"plain");
        Ok(())
    }

    #[test]
    fn text_is_the_type_of_a_body_that_names_none() -> Result<(), Malformed> {
        assert_eq!(of(json!({"statusCode": 200, "body": "x"}))?.headers()[CONTENT_TYPE], "text/plain;charset=UTF-8");
        assert_eq!(of(json!({"statusCode": "204"}))?.headers().get(CONTENT_TYPE), None);
        Ok(())
    }

    #[test]
    fn malformed_answers_are_told_apart() {
        for answer in [
            json!({"statusCode": "abc"}),
            json!({"statusCode": 99}),
            json!({"statusCode": 100}),
            json!({"statusCode": 1000}),
            json!({"statusCode": 200.5}),
            json!({"statusCode": null}),
            json!({"statusCode": 200, "body": {"a": 1}}),
            json!({"statusCode": 200, "body": "%", "isBase64Encoded": true}),
            json!({"statusCode": 200, "isBase64Encoded": "yes"}),
            json!({"statusCode": 200, "headers": []}),
            json!({"statusCode": 200, "headers": {"a": {}}}),
            json!({"statusCode": 200, "headers": {"a b": "1"}}),
            json!({"statusCode": 200, "headers": {"a": "1\n2"}}),
            json!({"statusCode": 200, "multiValueHeaders": {"a": "1"}}),
            json!({"statusCode": 200, "cookies": "a=1"}),
        ] {
            assert!(of(answer.clone()).is_err(), "{answer}");
        }
        assert!(read(b"", &Method::GET).is_err());
        assert!(read(b"<html>", &Method::GET).is_err());
    }

    #[test]
    fn only_a_head_keeps_a_length_without_a_body() -> Result<(), Malformed> {
        let answer = json!({"statusCode": 200, "headers": {"content-length": "12"}}).to_string();
        let length = |method| Ok(read(answer.as_bytes(), &method)?.headers().contains_key(CONTENT_LENGTH));
        assert!(length(Method::HEAD)?);
        assert!(!length(Method::GET)?);
        Ok(())
    }
}
