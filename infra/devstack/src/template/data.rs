//! What holds data: tables, queues, buckets.

use super::document::{Content, Fault, Node};
use serde_json::{Value, json};
use std::time::Duration;

/// A table as the template declares it.
#[derive(Debug, Clone)]
pub struct Table {
    pub logical_id: String,
    pub name: String,
    /// The body of the `CreateTable` call that makes it.
    pub definition: Value,
    pub ttl_attribute: Option<String>,
    /// `NEW_IMAGE` and the like; none without a stream.
    pub stream_view: Option<String>,
}

/// A queue as the template declares it.
#[derive(Debug, Clone)]
pub struct Queue {
    pub logical_id: String,
    pub name: String,
    pub visibility_timeout: Duration,
    pub retention: Duration,
    pub delay: Duration,
    pub message_size_max_bytes: usize,
    pub redrive: Option<Redrive>,
}

/// Where a queue's messages go that keep failing.
#[derive(Debug, Clone)]
pub struct Redrive {
    pub dead_letter_queue: String,
    pub receive_count_max: u32,
}

/// A bucket as the template declares it.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub logical_id: String,
    pub name: String,
}

/// Passed on to `CreateTable` as they stand: CloudFormation and the API spell them alike.
const TABLE_DEFINITION: &[&str] = &[
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
];

impl Table {
    pub(super) fn read(logical_id: &str, node: &Node) -> Result<Table, Fault> {
        let mut obeyed = TABLE_DEFINITION.to_vec();
        obeyed.extend(["StreamSpecification", "TimeToLiveSpecification"]);
        node.allow_only(
            &obeyed,
            &[
                // `POST /control/reset` must be able to empty every table.
                "DeletionProtectionEnabled",
                "PointInTimeRecoverySpecification",
                "ContributorInsightsSpecification",
                "OnDemandThroughput",
                "WarmThroughput",
                "SSESpecification",
                "TableClass",
                "Tags",
            ],
        )?;
        let mut definition = json!({});
        for (key, value) in node.entries()? {
            if TABLE_DEFINITION.contains(&key.as_str()) {
                definition[key] = value.to_json();
            }
        }
        let stream_view = match node.find("StreamSpecification") {
            Some(stream) => Some(stream.text_of("StreamViewType")?.to_owned()),
            None => None,
        };
        if let Some(view) = &stream_view {
            definition["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": view});
        }
        let ttl_attribute = match node.find("TimeToLiveSpecification") {
            Some(ttl) if ttl.flag_of("Enabled")? => Some(ttl.text_of("AttributeName")?.to_owned()),
            _ => None,
        };
        Ok(Table {
            logical_id: logical_id.to_owned(),
            name: node.text_of("TableName")?.to_owned(),
            definition,
            ttl_attribute,
            stream_view,
        })
    }
}

impl Queue {
    pub(super) fn read(logical_id: &str, node: &Node) -> Result<Queue, Fault> {
        node.allow_only(
            &[
                "QueueName",
                "VisibilityTimeout",
                "MessageRetentionPeriod",
                "DelaySeconds",
                "MaximumMessageSize",
                "RedrivePolicy",
            ],
            &[
                "RedriveAllowPolicy",
                "KmsMasterKeyId",
                "KmsDataKeyReusePeriodSeconds",
                "SqsManagedSseEnabled",
                "ReceiveMessageWaitTimeSeconds",
                "Tags",
            ],
        )?;
        let name = node.text_of("QueueName")?;
        if name.ends_with(".fifo") {
            return Err(node.fault("FIFO queues are not understood here"));
        }
        let seconds = |key: &str, default: u64| -> Result<Duration, Fault> {
            Ok(Duration::from_secs(node.number_of(key)?.unwrap_or(default)))
        };
        Ok(Queue {
            logical_id: logical_id.to_owned(),
            name: name.to_owned(),
            visibility_timeout: seconds("VisibilityTimeout", 30)?,
            retention: seconds("MessageRetentionPeriod", 345_600)?,
            delay: seconds("DelaySeconds", 0)?,
            message_size_max_bytes: node.number_of("MaximumMessageSize")?.unwrap_or(1_048_576),
            redrive: node.find("RedrivePolicy").map(Redrive::read).transpose()?,
        })
    }
}

impl Redrive {
    fn read(node: &Node) -> Result<Redrive, Fault> {
        node.allow_only(&["deadLetterTargetArn", "maxReceiveCount"], &[])?;
        let target = node.require("deadLetterTargetArn")?;
        let queue = super::queue_arn("");
        let dead_letter_queue = target
            .as_text()?
            .strip_prefix(&queue)
            .ok_or_else(|| target.fault("`deadLetterTargetArn` must be a queue of this template"))?;
        Ok(Redrive {
            dead_letter_queue: dead_letter_queue.to_owned(),
            receive_count_max: node
                .number_of("maxReceiveCount")?
                .ok_or_else(|| node.fault("`maxReceiveCount` is missing"))?,
        })
    }
}

impl Bucket {
    pub(super) fn read(logical_id: &str, node: &Node) -> Result<Bucket, Fault> {
        if let Content::Map(_) = node.content {
            node.allow_only(
                &["BucketName"],
                &[
                    "BucketEncryption",
                    "CorsConfiguration",
                    "LifecycleConfiguration",
                    "LoggingConfiguration",
                    "NotificationConfiguration",
                    "OwnershipControls",
                    "PublicAccessBlockConfiguration",
                    "Tags",
                ],
            )?;
        }
        if let Some(told) = node.find("NotificationConfiguration") {
            // Events on a bus matter in AWS only; a function or queue that waits for objects would wait for ever here.
            told.allow_only(&[], &["EventBridgeConfiguration"])?;
        }
        Ok(Bucket { logical_id: logical_id.to_owned(), name: node.text_of("BucketName")?.to_owned() })
    }
}
