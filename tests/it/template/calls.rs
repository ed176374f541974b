//! Which rights a call to AWS needs, read from the call itself. An operation that is not here fails the test: whoever uses
//! a new one says here what IAM calls it.

use std::collections::{BTreeMap, BTreeSet};

use devstack::template::{ACCOUNT, REGION, queue_arn};
use serde_json::Value;

use super::iam::Asked;

/// What IAM is asked about a call: one thing, or one for each kind of operation in a transaction.
pub fn asked(service: &str, operation: &str, path: &str, body: &Value) -> Vec<Asked> {
    match (service, operation) {
        ("dynamodb", "TransactWriteItems") => of_transaction(body),
        ("dynamodb", "BatchGetItem") => {
            let tables = body["RequestItems"].as_object().unwrap();
            let of_table = |(table, request): (&String, &Value)| {
                let keys = request["Keys"].as_array().unwrap().iter().map(partition);
                on_items("BatchGetItem", table, keys.collect())
            };
            tables.iter().map(of_table).collect()
        }
        ("dynamodb", "BatchWriteItem") => {
            let tables = body["RequestItems"].as_object().unwrap();
            let key = |write: &Value| match &write["DeleteRequest"] {
                Value::Null => partition(&write["PutRequest"]["Item"]),
                delete => partition(&delete["Key"]),
            };
            let of_table = |(table, writes): (&String, &Value)| {
                on_items("BatchWriteItem", table, writes.as_array().unwrap().iter().map(key).collect())
            };
            tables.iter().map(of_table).collect()
        }
        ("dynamodb", "GetItem" | "UpdateItem" | "DeleteItem") => vec![on_item(operation, body, "Key")],
        ("dynamodb", "PutItem") => vec![on_item(operation, body, "Item")],
        ("dynamodb", "Query") => {
            let key = body["ExpressionAttributeValues"][":pk"]["S"].as_str().unwrap();
            // IAM knows an index as a thing below its table, and its partition keys as leading keys.
            let thing = match body.get("IndexName").and_then(Value::as_str) {
                Some(index) => format!("{}/index/{index}", text(body, "TableName")),
                None => text(body, "TableName").to_owned(),
            };
            vec![on_items(operation, &thing, BTreeSet::from([key.to_owned()]))]
        }
        ("sqs", "SendMessage" | "SendMessageBatch") => vec![on_queue("sqs:SendMessage", body)],
        ("sqs", "GetQueueAttributes") => vec![on_queue("sqs:GetQueueAttributes", body)],
        ("s3", "HeadBucket") => {
            // The SDK writes `/bucket/`, or leaves the end out.
            let bucket = path.trim_matches('/');
            vec![plain("s3:ListBucket", format!("arn:aws:s3:::{bucket}"))]
        }
        ("ses", "SendEmail") => vec![of_mail(body)],
        ("ssm", "GetParameter") => {
            let arn = format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{}", text(body, "Name"));
            vec![plain("ssm:GetParameter", arn)]
        }
        _ => panic!("{service} {operation}: which right does it need?"),
    }
}

/// Transactions have no action of their own; IAM is asked about each kind of operation in them.
fn of_transaction(body: &Value) -> Vec<Asked> {
    let mut by_kind: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for item in body["TransactItems"].as_array().unwrap() {
        let (kind, write) = item.as_object().unwrap().iter().next().unwrap();
        let (action, key) = match kind.as_str() {
            "Put" => ("PutItem", &write["Item"]),
            "Update" => ("UpdateItem", &write["Key"]),
            "Delete" => ("DeleteItem", &write["Key"]),
            "ConditionCheck" => ("ConditionCheckItem", &write["Key"]),
            other => panic!("{other} in a transaction"),
        };
        by_kind.entry((action, text(write, "TableName"))).or_default().insert(partition(key));
    }
    by_kind.into_iter().map(|((action, table), keys)| on_items(action, table, keys)).collect()
}

fn on_item(operation: &str, body: &Value, key: &str) -> Asked {
    on_items(operation, text(body, "TableName"), BTreeSet::from([partition(&body[key])]))
}

fn on_items(operation: &str, table: &str, keys: BTreeSet<String>) -> Asked {
    let resource = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}");
    Asked { keys, ..plain(&format!("dynamodb:{operation}"), resource) }
}

fn on_queue(action: &str, body: &Value) -> Asked {
    let (_, name) = text(body, "QueueUrl").rsplit_once('/').unwrap();
    plain(action, queue_arn(name))
}

/// SES asks about the identity that the sender's address falls under.
fn of_mail(body: &Value) -> Asked {
    let from = text(body, "FromEmailAddress");
    let address = from.split_once('<').map_or(from, |(_, rest)| rest.trim_end_matches('>'));
    let (_, domain) = address.split_once('@').unwrap();
    let resource = format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}");
    Asked { sender: Some(address.to_owned()), ..plain("ses:SendEmail", resource) }
}

fn plain(action: &str, resource: String) -> Asked {
    Asked { action: action.to_owned(), resource, keys: BTreeSet::new(), sender: None }
}

fn partition(key: &Value) -> String {
    key["pk"]["S"].as_str().unwrap().to_owned()
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}"))
}
