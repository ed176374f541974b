//! What one request to the tap is: which service, which operation, on behalf of which function.

use http::HeaderMap;
use http::request::Parts;
use serde::Serialize;

/// The services that functions call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    DynamoDb,
    Sqs,
    S3,
    Ses,
    /// What functions send to others, where it ends in the local cloud. It does not pass the tap.
    Http,
}

/// One AWS call, as the counters and the fault injection see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub service: Service,
    /// As AWS names it: `TransactWriteItems`, `SendMessage`, `PutObject`.
    pub operation: String,
    /// The SDK's application id; `unknown` when it sends none.
    pub function: String,
}

impl Service {
    pub fn name(self) -> &'static str {
        match self {
            Service::DynamoDb => "dynamodb",
            Service::Sqs => "sqs",
            Service::S3 => "s3",
            Service::Ses => "ses",
            Service::Http => "http",
        }
    }
}

impl Call {
    /// Reads a request's headers; nothing when it is meant for a service that does not run here.
    pub(super) fn of(head: &Parts) -> Option<Call> {
        let service = match scope_of(head).as_deref() {
            Some("dynamodb") => Service::DynamoDb,
            Some("sqs") => Service::Sqs,
            Some("s3") => Service::S3,
            Some("ses") => Service::Ses,
            Some(_) => return None,
            // Unsigned: only S3 knows such requests, and refuses them in its own words.
            None => Service::S3,
        };
        Some(Call { service, operation: operation_of(service, head), function: function_of(&head.headers) })
    }
}

/// The service in the signature's credential scope, `…/us-east-1/{service}/aws4_request`.
fn scope_of(head: &Parts) -> Option<String> {
    let from_header = text(&head.headers, "authorization")
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.to_owned());
    // Presigned URLs carry it in the query, with the slashes escaped.
    let from_query = || {
        let query = head.uri.query()?.replace("%2F", "/");
        let (_, rest) = query.split_once("X-Amz-Credential=")?;
        Some(rest.to_owned())
    };
    let credential = from_header.or_else(from_query)?;
    credential.split('/').nth(3).map(str::to_owned)
}

fn operation_of(service: Service, head: &Parts) -> String {
    let path = head.uri.path();
    match service {
        Service::DynamoDb | Service::Sqs => text(&head.headers, "x-amz-target")
            .and_then(|target| target.rsplit('.').next())
            .unwrap_or("unknown")
            .to_owned(),
        Service::Ses if path == "/v2/email/outbound-emails" => "SendEmail".to_owned(),
        Service::Ses => format!("{} {path}", head.method),
        Service::S3 => s3_operation(head),
        Service::Http => head.method.to_string(),
    }
}

fn s3_operation(head: &Parts) -> String {
    let query = head.uri.query().unwrap_or_default();
    // The SDKs say it themselves for the usual ones.
    if let Some(named) = query.split('&').find_map(|part| part.strip_prefix("x-id=")) {
        return named.to_owned();
    }
    let has_key = head.uri.path().trim_start_matches('/').contains('/');
    match (head.method.as_str(), has_key) {
        ("GET", false) if query.contains("list-type=2") => "ListObjectsV2",
        ("GET", true) => "GetObject",
        ("HEAD", true) => "HeadObject",
        ("HEAD", false) => "HeadBucket",
        ("PUT", true) => "PutObject",
        ("PUT", false) => "CreateBucket",
        ("DELETE", true) => "DeleteObject",
        (method, _) => method,
    }
    .to_owned()
}

/// `app/{name}` among the words of the user agent.
fn function_of(headers: &HeaderMap) -> String {
    ["x-amz-user-agent", "user-agent"]
        .iter()
        .filter_map(|name| text(headers, name))
        .flat_map(|agent| agent.split_whitespace())
        .find_map(|word| word.strip_prefix("app/"))
        .unwrap_or("unknown")
        .to_owned()
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    fn head(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn a_signed_call_is_known_by_its_scope_target_and_application() {
        let authorization = signed("dynamodb");
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-amz-target", "DynamoDB_20120810.PutItem"),
            ("user-agent", "aws-sdk-rust/1.3 os/linux app/souk-local-auth lang/rust"),
        ];
        let call = Call::of(&head("POST", "/", &headers)).unwrap();
        assert_eq!(call.service, Service::DynamoDb);
        assert_eq!(call.operation, "PutItem");
        assert_eq!(call.function, "souk-local-auth");
    }

    #[test]
    fn a_presigned_url_is_known_by_its_query() {
        let uri = "/bucket/key?X-Amz-Credential=local%2F20261120%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=60";
        let call = Call::of(&head("PUT", uri, &[])).unwrap();
        assert_eq!((call.service, call.operation.as_str()), (Service::S3, "PutObject"));
    }

    #[test]
    fn services_that_do_not_run_here_are_not_guessed() {
        let authorization = signed("ssm");
        let headers = [("authorization", authorization.as_str())];
        assert!(Call::of(&head("POST", "/", &headers)).is_none());
    }
}
