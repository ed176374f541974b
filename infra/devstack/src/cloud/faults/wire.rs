//! Errors as each service writes them.

use super::super::call::{Call, Service};
use super::catalogue::status_of;
use super::fault::{CancellationCode, Cancelled, Refusal};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

const TOLD: &str = "Injected by the local cloud.";

/// The service's answer that refuses a call.
pub fn refusal(call: &Call, request: &Bytes, refusal: &Refusal) -> Response {
    let status = status_of(call.service, &call.operation, &refusal.code);
    let code = refusal.code.as_str();
    match call.service {
        Service::DynamoDb => {
            let body = dynamodb(refusal, request);
            respond(status, "application/x-amz-json-1.0", &[], body.to_string())
        }
        Service::Sqs => {
            let side = if status < 500 { "Sender" } else { "Receiver" };
            let query_error = [("x-amzn-query-error", format!("{};{side}", sqs_query_code(code)))];
            let body = json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": TOLD});
            respond(status, "application/x-amz-json-1.0", &query_error, body.to_string())
        }
        Service::S3 => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{TOLD}</Message>\
                 <RequestId>0000000000000000</RequestId><HostId>local</HostId></Error>"
            );
            // What answers HEAD has no body; its status is all that is told.
            let body = if call.operation.starts_with("Head") { String::new() } else { body };
            respond(status, "application/xml", &[], body)
        }
        Service::Ses => {
            let error_type = [("x-amzn-errortype", code.to_owned())];
            respond(status, "application/json", &error_type, json!({"message": TOLD}).to_string())
        }
        // There is no error that all of HTTP has words for.
        Service::Http => bare(status),
    }
}

/// A status with what a load balancer would write, which no SDK can parse.
pub fn bare(status: u16) -> Response {
    respond(status, "text/html", &[], "<html><body><h1>It is not your fault</h1></body></html>".to_owned())
}

/// 200 and bytes that are neither JSON nor XML nor text.
pub fn garbage(answer: &Response) -> Response {
    let mut garbage = Response::new(Body::from(&b"\x16\x03\x01\xff{\"Item\":<\x00\xfe\xed"[..]));
    if let Some(kind) = answer.headers().get(header::CONTENT_TYPE) {
        garbage.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    garbage
}

fn dynamodb(refusal: &Refusal, request: &Bytes) -> Value {
    let name = &refusal.code;
    let namespace = match name.as_str() {
        "AccessDeniedException" => "com.amazon.coral.service",
        "ServiceUnavailable" | "ThrottlingException" => "com.amazon.coral.availability",
        _ => "com.amazonaws.dynamodb.v20120810",
    };
    let kind = format!("{namespace}#{name}");
    let Some(cancelled) = refusal.reasons else {
        return json!({"__type": kind, "message": TOLD});
    };
    let codes = reasons(cancelled, items_of(request));
    let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
    let reasons: Vec<Value> = codes.iter().map(|code| reason(*code)).collect();
    json!({
        "__type": kind,
        "Message": format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            names.join(", ")
        ),
        "CancellationReasons": reasons,
    })
}

/// One code for each item of the transaction.
fn reasons(cancelled: Cancelled, items: usize) -> Vec<CancellationCode> {
    let mut codes = vec![CancellationCode::None; items];
    if let Some(last) = items.checked_sub(1) {
        codes[cancelled.item.min(last)] = cancelled.code;
    }
    codes
}

fn reason(code: CancellationCode) -> Value {
    let message = match code {
        CancellationCode::None => return json!({"Code": "None"}),
        CancellationCode::ConditionalCheckFailed => "The conditional request failed",
        CancellationCode::ItemCollectionSizeLimitExceeded => "Collection size exceeded.",
        CancellationCode::ProvisionedThroughputExceeded => {
            "The level of configured provisioned throughput for the table was exceeded. \
             Consider increasing your provisioning level with the UpdateTable API"
        }
        CancellationCode::ThrottlingError => {
            "Throughput exceeds the current capacity for one or more global secondary indexes. \
             DynamoDB is automatically scaling your index so please try again shortly."
        }
        CancellationCode::TransactionConflict => "Transaction is ongoing for the item",
        CancellationCode::ValidationError => "Item size has exceeded the maximum allowed size",
    };
    json!({"Code": code.name(), "Message": message})
}

fn items_of(request: &Bytes) -> usize {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    request["TransactItems"].as_array().map_or(0, Vec::len)
}

/// The codes of SQS's older protocol, which its JSON answers name in a header; SDKs that know both prefer these.
fn sqs_query_code(code: &str) -> String {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation".to_owned(),
        "MessageNotInflight"
        | "BatchEntryIdsNotDistinct"
        | "BatchRequestTooLong"
        | "EmptyBatchRequest"
        | "InvalidBatchEntryId"
        | "TooManyEntriesInBatchRequest" => format!("AWS.SimpleQueueService.{code}"),
        other => other.to_owned(),
    }
}

fn respond(status: u16, kind: &'static str, headers: &[(&'static str, String)], body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
