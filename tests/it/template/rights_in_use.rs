//! Rights by use: functions ask AWS for nothing that their policies do not allow, and are allowed nothing that they do not
//! ask for.

use std::collections::BTreeSet;

use devstack::template::{Function, Template};

use super::flows::walked;
use super::iam::{Allowed, allowed, granting};

/// Rights that no code of ours uses, and who does: (function or `*`, action, why).
const USED_BY_AWS: [(&str, &str, &str); 11] = [
    ("*", "logs:CreateLogStream", "Lambda writes logs with the function's role"),
    ("*", "logs:PutLogEvents", "Lambda writes logs with the function's role"),
    ("outbox-relay", "dynamodb:DescribeStream", "Lambda reads the stream with the function's role"),
    ("outbox-relay", "dynamodb:GetRecords", "Lambda reads the stream with the function's role"),
    ("outbox-relay", "dynamodb:GetShardIterator", "Lambda reads the stream with the function's role"),
    ("outbox-relay", "dynamodb:ListStreams", "Lambda reads the stream with the function's role"),
    ("outbox-relay", "s3:PutObject", "Lambda writes what failed with the function's role"),
    ("outbox-relay", "s3:ListBucket", "Lambda looks for the bucket with the function's role"),
    ("*", "sqs:ReceiveMessage", "Lambda takes messages with the function's role"),
    ("*", "sqs:DeleteMessage", "Lambda takes messages with the function's role"),
    ("*", "sqs:GetQueueAttributes", "Lambda takes messages with the function's role"),
];

/// Rights that only another stage uses.
const USED_ELSEWHERE: [(&str, &str, &str); 1] =
    [("mailer", "configuration-set/", "SES asks about the identity's configuration set too, where it has one")];

#[tokio::test]
async fn functions_ask_for_what_they_may_and_may_what_they_ask_for() {
    let (notes, template) = walked().await;
    let functions: BTreeSet<&str> = template.functions.iter().map(|function| function.binary.as_str()).collect();
    assert_eq!(notes.keys().map(String::as_str).collect::<BTreeSet<_>>(), functions, "each function, and nobody else");
    let mut unused = Vec::new();
    for (binary, asked) in &notes {
        let function = function(&template, binary);
        let mut used = BTreeSet::new();
        for one in asked {
            let granted = granting(&function.policies, one);
            assert!(!granted.is_empty(), "{binary} may not {one:?}");
            used.extend(granted);
        }
        for one in allowed(&function.policies).difference(&used) {
            let why = reason(binary, one);
            println!(
                "{binary}: {} on {} {} is not used by our code: {}",
                one.action,
                one.resource,
                one.key,
                why.unwrap_or("?")
            );
            if why.is_none() {
                unused.push(format!("{binary}: {one:?}"));
            }
        }
    }
    assert_eq!(unused, Vec::<String>::new(), "allowed and not used");
}

fn function<'a>(template: &'a Template, binary: &str) -> &'a Function {
    template.functions.iter().find(|function| function.binary == binary).unwrap()
}

fn reason(binary: &str, unused: &Allowed) -> Option<&'static str> {
    let by_aws =
        USED_BY_AWS.iter().find(|(function, action, _)| ["*", binary].contains(function) && *action == unused.action);
    let elsewhere =
        USED_ELSEWHERE.iter().find(|(function, resource, _)| *function == binary && unused.resource.contains(resource));
    by_aws.or(elsewhere).map(|(_, _, why)| *why)
}
