//! Resources as they are written: for rules over the template, which ask for more than the local cloud runs.

use super::document::{Fault, Node};
use super::scope::Resource;
use serde_json::Value;

/// One resource, its references resolved.
#[derive(Debug, Clone)]
pub struct Declared {
    pub logical_id: String,
    /// `AWS::SQS::Queue` and the like.
    pub kind: String,
    /// Where it begins in the file, from 1.
    pub line: usize,
    /// What becomes of it with its stack: `DeletionPolicy`.
    pub deletion_policy: Option<String>,
    /// Its properties; `null` when it has none.
    pub properties: Value,
}

impl Declared {
    pub(super) fn read(resource: &Resource<'_>, properties: Option<&Node>) -> Result<Declared, Fault> {
        let policy = resource.node.find("DeletionPolicy").map(Node::as_text).transpose()?;
        Ok(Declared {
            logical_id: resource.logical_id.to_owned(),
            kind: resource.node.text_of("Type")?.to_owned(),
            line: resource.node.line,
            deletion_policy: policy.map(str::to_owned),
            properties: properties.map_or(Value::Null, Node::to_json),
        })
    }
}
