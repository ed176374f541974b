//! Typed reading of resolved nodes; what does not fit is a fault with its line.

use super::document::{Content, Fault, Node};
use std::str::FromStr;

impl Node {
    /// The entry `key` of a map, if it is there.
    pub fn find(&self, key: &str) -> Option<&Node> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|(known, _)| known == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The entry `key` of a map, or a fault that names it.
    pub fn require(&self, key: &str) -> Result<&Node, Fault> {
        self.find(key).ok_or_else(|| self.fault(format!("`{key}` is missing")))
    }

    /// The entries of a map.
    pub fn entries(&self) -> Result<&[(String, Node)], Fault> {
        match &self.content {
            Content::Map(entries) => Ok(entries),
            _ => Err(self.fault("a map was expected here")),
        }
    }

    /// The items of a list; a single value counts as a list of one, as CloudFormation has it.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a scalar.
    pub fn as_text(&self) -> Result<&str, Fault> {
        match &self.content {
            Content::Text { text, .. } => Ok(text),
            _ => Err(self.fault("a plain value was expected here")),
        }
    }

    /// The text of entry `key`.
    pub fn text_of(&self, key: &str) -> Result<&str, Fault> {
        self.require(key)?.as_text()
    }

    /// Entry `key` parsed as a number, if it is there.
    pub fn number_of<T: FromStr>(&self, key: &str) -> Result<Option<T>, Fault> {
        let Some(node) = self.find(key) else {
            return Ok(None);
        };
        let text = node.as_text()?;
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(node.fault(format!("`{key}` cannot be `{text}`"))),
        }
    }

    /// Entry `key` as a boolean; absent means no.
    pub fn flag_of(&self, key: &str) -> Result<bool, Fault> {
        let Some(node) = self.find(key) else {
            return Ok(false);
        };
        match node.as_text()? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(node.fault(format!("`{key}` cannot be `{other}`"))),
        }
    }

    /// Refuses entries that are neither obeyed nor known to matter in AWS only: a setting that the local cloud would
    /// silently ignore is a difference nobody sees before production.
    pub fn allow_only(&self, obeyed: &[&str], aws_only: &[&str]) -> Result<(), Fault> {
        for (key, node) in self.entries()? {
            if !obeyed.contains(&key.as_str()) && !aws_only.contains(&key.as_str()) {
                return Err(node.fault(format!("`{key}` is not understood here")));
            }
        }
        Ok(())
    }
}
