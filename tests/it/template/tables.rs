//! What is kept stays, and stays private.

use devstack::template::{Declared, Template};
use serde_json::{Value, json};

use super::of_kind;

/// Tables that may be lost, and why.
const MAY_BE_LOST: [(&str, &str); 1] = [(
    "TransientTable",
    "counters, claims of mails and the like: all of it expires, and is made anew when it is missed",
)];

/// Tables that a mistake could take with all they hold.
pub fn unprotected(template: &Template) -> Vec<String> {
    let kept = |table: &&Declared| {
        let properties = &table.properties;
        let protected = properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true
            && properties["DeletionProtectionEnabled"] == true
            && outlives_its_stack(table);
        !protected && !MAY_BE_LOST.iter().any(|(name, _)| *name == table.logical_id)
    };
    of_kind(template, "AWS::DynamoDB::Table").filter(kept).map(|table| table.logical_id.clone()).collect()
}

/// Buckets that strangers could reach, that take plain HTTP, are not encrypted, never forget, or go with their stack.
pub fn open_buckets(template: &Template) -> Vec<String> {
    let open = |bucket: &&Declared| {
        let properties = &bucket.properties;
        let blocked = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
            .iter()
            .all(|name| properties["PublicAccessBlockConfiguration"][name] == true);
        let has = |name: &str| !properties[name].is_null();
        let closed = blocked && has("BucketEncryption") && has("LifecycleConfiguration");
        !(closed && outlives_its_stack(bucket) && refuses_plain_http(template, &properties["BucketName"]))
    };
    of_kind(template, "AWS::S3::Bucket").filter(open).map(|bucket| bucket.logical_id.clone()).collect()
}

fn refuses_plain_http(template: &Template, bucket: &Value) -> bool {
    of_kind(template, "AWS::S3::BucketPolicy").filter(|policy| policy.properties["Bucket"] == *bucket).any(|policy| {
        let statements = policy.properties["PolicyDocument"]["Statement"].as_array();
        statements.into_iter().flatten().any(|statement| {
            statement["Effect"] == "Deny"
                && statement["Action"] == "s3:*"
                && statement["Condition"] == json!({ "Bool": { "aws:SecureTransport": "false" } })
        })
    })
}

fn outlives_its_stack(resource: &Declared) -> bool {
    matches!(resource.deletion_policy.as_deref(), Some("Retain" | "RetainExceptOnCreate"))
}

#[test]
fn table_core_is_what_the_design_says() {
    let template = super::everything();
    let core = of_kind(&template, "AWS::DynamoDB::Table").find(|table| table.logical_id == "CoreTable").unwrap();
    assert_eq!(core.properties["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
    let staff = json!([{
        "IndexName": "staff",
        "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }, { "AttributeName": "s", "KeyType": "RANGE" }],
        "Projection": { "ProjectionType": "KEYS_ONLY" },
    }]);
    assert_eq!(core.properties["GlobalSecondaryIndexes"], staff);
    for table in &template.tables {
        assert_eq!(table.ttl_attribute.as_deref(), Some("ttl"), "{}", table.name);
    }
    for queue in of_kind(&template, "AWS::SQS::Queue") {
        assert_eq!(queue.properties["SqsManagedSseEnabled"], true, "{}", queue.logical_id);
    }
}
