//! What functions may do stands in a role of their own: named actions on named things, by key where there are keys.

use std::collections::BTreeMap;

use devstack::template::{Function, Template};
use serde_json::Value;

use super::iam::{KEYS_CONDITION, LEADING_KEYS, texts};
use super::of_kind;

/// Actions that change nothing, by the word they begin with.
const READS: [&str; 7] = ["Get", "BatchGet", "List", "Describe", "Query", "Receive", "Head"];

/// Functions that may change more than what the template names.
pub fn writes_on_wildcards(template: &Template) -> Vec<String> {
    let wild = |function: &&Function| {
        function.policies.iter().filter(|statement| allows(statement)).any(|statement| {
            let writes = texts(&statement["Action"]).into_iter().any(|action| is_write(&action));
            // A condition may narrow what the resource leaves open, as the sender of a mail does.
            let open = statement["Condition"].is_null();
            let wild = texts(&statement["Resource"]).into_iter().any(|resource| is_wild(&resource));
            writes && (wild && open || texts(&statement["Resource"]).iter().any(|resource| resource == "*"))
        })
    };
    template.functions.iter().filter(wild).map(|function| function.logical_id.clone()).collect()
}

fn is_write(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    name.contains('*') || !READS.iter().any(|read| name.starts_with(read))
}

/// Whether an ARN leaves open which thing is meant. What lies in a named bucket, and the streams of a named log group, are
/// as named as they can be.
fn is_wild(resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [_, _, service, region, account, thing] = parts.as_slice() else { return true };
    let named = match *service {
        "s3" => thing.split('/').next().unwrap_or_default(),
        "logs" => thing.trim_end_matches(":*"),
        _ => thing,
    };
    [*service, *region, *account, named].iter().any(|part| part.contains('*'))
}

/// Functions that may touch every key of a table.
pub fn tables_without_keys(template: &Template) -> Vec<String> {
    let unbounded = |function: &&Function| {
        function.policies.iter().filter(|statement| allows(statement)).any(|statement| {
            let on_items = texts(&statement["Action"]).iter().any(|action| touches_items(action));
            let keys = texts(&statement["Condition"][KEYS_CONDITION][LEADING_KEYS]);
            on_items && (keys.is_empty() || keys.iter().any(|key| key.starts_with('*')))
        })
    };
    template.functions.iter().filter(unbounded).map(|function| function.logical_id.clone()).collect()
}

fn touches_items(action: &str) -> bool {
    // What is said of a table's stream is said of no key.
    let of_streams = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
    action.strip_prefix("dynamodb:").is_some_and(|name| !of_streams.contains(&name))
}

/// Functions without a role of the template, with one that others have too, or with policies that AWS wrote.
pub fn functions_without_own_policy(template: &Template) -> Vec<String> {
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for role in template.functions.iter().filter_map(|function| function.role.as_deref()) {
        *users.entry(role).or_default() += 1;
    }
    let borrowed = |role: &str| {
        let role = of_kind(template, "AWS::IAM::Role").find(|known| known.logical_id == role);
        role.is_none_or(|role| !role.properties["ManagedPolicyArns"].is_null())
    };
    let own = |function: &Function| {
        let role = function.role.as_deref();
        role.is_some_and(|role| users[role] == 1 && !borrowed(role)) && !function.policies.is_empty()
    };
    template.functions.iter().filter(|function| !own(function)).map(|function| function.logical_id.clone()).collect()
}

fn allows(statement: &Value) -> bool {
    statement["Effect"] == "Allow"
}

#[test]
fn rights_are_divided_as_the_chapter_says() {
    let template = super::everything();
    let holders = |key: &str| -> Vec<&str> {
        let names = |function: &&Function| {
            let statements = function.policies.iter();
            statements
                .flat_map(|one| texts(&one["Condition"][KEYS_CONDITION][LEADING_KEYS]))
                .any(|known| known.starts_with(key))
        };
        template.functions.iter().filter(names).map(|function| function.binary.as_str()).collect()
    };
    assert_eq!(holders("REG#"), ["auth"]);
    assert_eq!(holders("GUESS#"), ["auth", "users"]);
    assert!(holders("TOKEN#").iter().all(|function| ["auth", "users"].contains(function)));
    assert!(!holders("UNIQ#").contains(&"mailer"));
    assert_eq!(holders("MAIL#"), ["mailer"]);
    let may = |binary: &str, wanted: fn(&str) -> bool| {
        let function = template.functions.iter().find(|function| function.binary == binary).unwrap();
        function.policies.iter().flat_map(|statement| texts(&statement["Action"])).any(|action| wanted(&action))
    };
    assert!(!may("outbox-relay", touches_items), "the relay sees the stream, never the table");
    for function in &template.functions {
        let mut things = function.policies.iter().flat_map(|statement| texts(&statement["Resource"]));
        let secret = things.any(|thing| thing.ends_with("parameter/souk/prod/token-keys"));
        assert_eq!(secret, function.binary == "auth", "{}: only auth signs access tokens", function.binary);
    }
}
