//! Items as DynamoDB has them: docs/DATA.md says which keys there are, the names of attributes say what they hold.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::Value;

/// Where an item lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub pk: String,
    pub sk: String,
}

/// An item.
#[derive(Clone, Debug)]
pub(crate) struct Item(pub HashMap<String, AttributeValue>);

/// What an item tells: the facts of one event that others depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub id: String,
    pub kind: String,
    pub subjects: Vec<String>,
}

impl Item {
    pub fn place(&self) -> Place {
        let part = |name| self.text(name).unwrap_or_default().to_owned();
        Place { pk: part("pk"), sk: part("sk") }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_n().ok()?.parse().ok()
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A set of texts, or a list of them.
    pub fn texts(&self, name: &str) -> BTreeSet<String> {
        match self.0.get(name) {
            Some(AttributeValue::Ss(set)) => set.iter().cloned().collect(),
            Some(value) => of_list(value),
            None => BTreeSet::new(),
        }
    }

    /// What field `name` was and is, of the changes that an audit entry tells.
    pub fn change(&self, name: &str) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
        match self.0.get("changes")?.as_m().ok()?.get(name)?.as_l().ok()?.as_slice() {
            [from, to] => Some((of_list(from), of_list(to))),
            _ => None,
        }
    }

    /// The events that ride on it: attribute `out` is a JSON array in binary. `None` when it cannot be read.
    pub fn told(&self) -> Option<Vec<Told>> {
        let Some(out) = self.0.get("out") else { return Some(Vec::new()) };
        let events: Vec<Value> = serde_json::from_slice(out.as_b().ok()?.as_ref()).ok()?;
        events
            .iter()
            .map(|event| {
                let subjects = event["subjectIds"].as_array()?.iter().filter_map(Value::as_str);
                Some(Told {
                    id: event["id"].as_str()?.to_owned(),
                    kind: event["type"].as_str()?.to_owned(),
                    subjects: subjects.map(str::to_owned).collect(),
                })
            })
            .collect()
    }
}

/// The texts of a list; of a lone text, that one.
fn of_list(value: &AttributeValue) -> BTreeSet<String> {
    match value {
        AttributeValue::S(text) => BTreeSet::from([text.clone()]),
        AttributeValue::L(list) => list.iter().filter_map(|text| text.as_s().ok().cloned()).collect(),
        _ => BTreeSet::new(),
    }
}
