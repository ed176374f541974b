//! As much of IAM as the template's policies use: whether a call is within them, and which of their words it used.

use std::collections::BTreeSet;

use serde_json::Value;

/// All keys of a call must fit: of a transaction, those of its operations of one kind.
pub const KEYS_CONDITION: &str = "ForAllValues:StringLike";
/// Partition keys, as IAM calls them.
pub const LEADING_KEYS: &str = "dynamodb:LeadingKeys";
const SENDER_CONDITION: &str = "StringEquals";
const SENDER: &str = "ses:FromAddress";

/// One call of a function, as IAM is asked about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// `dynamodb:PutItem` and the like.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: String,
    /// Partition keys, where there are any.
    pub keys: BTreeSet<String>,
    /// Who the mail is from, where it is one.
    pub sender: Option<String>,
}

/// One thing that a policy allows: an action on a resource, by one pattern of keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allowed {
    pub action: String,
    pub resource: String,
    /// Empty where it is not by keys.
    pub key: String,
}

/// Everything that these statements allow, each on its own.
pub fn allowed(statements: &[Value]) -> BTreeSet<Allowed> {
    let mut all = BTreeSet::new();
    for statement in statements {
        for action in texts(&statement["Action"]) {
            for resource in texts(&statement["Resource"]) {
                let keys = match key_patterns(statement) {
                    patterns if patterns.is_empty() => vec![String::new()],
                    patterns => patterns,
                };
                let one = |key| Allowed { action: action.clone(), resource: resource.clone(), key };
                all.extend(keys.into_iter().map(one));
            }
        }
    }
    all
}

/// What of these statements allows a call; empty when nothing does.
pub fn granting(statements: &[Value], asked: &Asked) -> BTreeSet<Allowed> {
    let Some(statement) = statements.iter().find(|statement| allows(statement, asked)) else {
        return BTreeSet::new();
    };
    let used = |one: &Allowed| {
        let by_key = one.key.is_empty() || asked.keys.iter().any(|key| like(&one.key, key));
        one.action == asked.action && like(&one.resource, &asked.resource) && by_key
    };
    allowed(std::slice::from_ref(statement)).into_iter().filter(used).collect()
}

fn allows(statement: &Value, asked: &Asked) -> bool {
    let patterns = key_patterns(statement);
    let senders = texts(&statement["Condition"][SENDER_CONDITION][SENDER]);
    statement["Effect"] == "Allow"
        && texts(&statement["Action"]).contains(&asked.action)
        && texts(&statement["Resource"]).iter().any(|resource| like(resource, &asked.resource))
        && (patterns.is_empty() || asked.keys.iter().all(|key| patterns.iter().any(|pattern| like(pattern, key))))
        && (senders.is_empty() || asked.sender.as_ref().is_some_and(|sender| senders.contains(sender)))
        && understood(&statement["Condition"])
}

/// A condition that this IAM does not know is none that it may pass over.
fn understood(condition: &Value) -> bool {
    let known = [(KEYS_CONDITION, LEADING_KEYS), (SENDER_CONDITION, SENDER)];
    condition.as_object().into_iter().flatten().all(|(operator, keys)| {
        keys.as_object().into_iter().flatten().all(|(key, _)| known.contains(&(operator.as_str(), key.as_str())))
    })
}

fn key_patterns(statement: &Value) -> Vec<String> {
    texts(&statement["Condition"][KEYS_CONDITION][LEADING_KEYS])
}

/// One text or a list of them.
pub fn texts(value: &Value) -> Vec<String> {
    let list = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `*` stands for anything; nothing in the template has a `?`.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((begin, rest)) => text.strip_prefix(begin).is_some_and(|mut tail| {
            loop {
                if like(rest, tail) {
                    return true;
                }
                let Some(shorter) = tail.chars().next().map(|c| &tail[c.len_utf8()..]) else { return false };
                tail = shorter;
            }
        }),
    }
}

#[test]
fn a_call_needs_all_its_keys_in_one_statement() {
    let statement = |keys: &[&str]| {
        serde_json::json!({
            "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": "arn:t",
            "Condition": { KEYS_CONDITION: { LEADING_KEYS: keys } },
        })
    };
    let keys = BTreeSet::from(["USR#1".to_owned(), "REG#a@b.c".to_owned()]);
    let asked = Asked { action: "dynamodb:PutItem".into(), resource: "arn:t".into(), keys, sender: None };
    assert!(granting(&[statement(&["USR#*"]), statement(&["REG#*"])], &asked).is_empty());
    let used = granting(&[statement(&["USR#*", "REG#*", "TOKEN#*"])], &asked);
    assert_eq!(used.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["REG#*", "USR#*"]);
    for wrong in ["arn:other", "arn:t/index/staff"] {
        assert!(granting(&[statement(&["*"])], &Asked { resource: wrong.into(), ..asked.clone() }).is_empty());
    }
}

#[test]
fn a_condition_it_does_not_know_allows_nothing() {
    let statement = serde_json::json!({
        "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": "true" } },
    });
    let asked = Asked { action: "s3:GetObject".into(), resource: "x".into(), keys: BTreeSet::new(), sender: None };
    assert!(granting(&[statement], &asked).is_empty());
}
