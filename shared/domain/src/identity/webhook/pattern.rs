//! Which events an endpoint takes.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::event::{Category, REGISTRY, Row};

/// How many patterns an endpoint may have.
pub const MAX_PATTERNS: usize = 50;

/// A type of public events, as `user.updated`; all of a category or of a first word, as `talent.*` or `user.*`; or all, `*`.
/// Where a word is both, it means the category. Checked against the registry when it is parsed, and not when it is read
/// back: a type that is gone must not make its endpoints unreadable.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventPattern(String);

impl EventPattern {
    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether events of this type are meant. Private ones never are.
    pub fn takes(&self, row: &Row) -> bool {
        let is_meant = match self.0.strip_suffix('*').map(|group| group.strip_suffix('.')) {
            None => self.0 == row.name,
            Some(None) => true,
            Some(Some(group)) => match category(group) {
                Some(category) => row.category == category,
                None => first_word(row) == group,
            },
        };
        row.is_public && is_meant
    }
}

fn category(name: &str) -> Option<Category> {
    Category::ALL.into_iter().find(|category| category.as_str() == name)
}

fn first_word(row: &Row) -> &'static str {
    row.name.split('.').next().unwrap_or_default()
}

impl FromStr for EventPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut public = REGISTRY.iter().filter(|row| row.is_public);
        let is_known = match text.strip_suffix(".*") {
            Some(group) => category(group).is_some() || public.any(|row| first_word(row) == group),
            None => text == "*" || public.any(|row| row.name == text),
        };
        match is_known {
            true => Ok(EventPattern(text.to_owned())),
            false => Err("must be a public type of events, a group of them as user.*, or *".into()),
        }
    }
}

impl fmt::Debug for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl JsonSchema for EventPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EventPattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(\\*|[a-z_]+\\.(\\*|[a-z_.]+))$",
            "examples": ["user.updated", "security.*", "*"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> &'static Row {
        REGISTRY.iter().find(|row| row.name == name).unwrap()
    }

    fn takes(pattern: &str, name: &str) -> bool {
        pattern.parse::<EventPattern>().unwrap().takes(row(name))
    }

    #[test]
    fn types_groups_and_everything_public() {
        for (pattern, name, expected) in [
            ("user.updated", "user.updated", true),
            ("user.updated", "user.registered", false),
            ("user.*", "user.updated", true),
            ("user.*", "user.logged_in", true),
            ("user.*", "webhook.test", false),
            ("security.*", "user.logged_in", true),
            ("security.*", "user.updated", false),
            ("account.*", "user.updated", true),
            ("webhook.*", "webhook.test", true),
            ("webhook.*", "webhook_endpoint.disabled", false),
            ("webhooks.*", "webhook_endpoint.disabled", true),
            ("*", "user.updated", true),
            ("*", "mail.verification", false),
            ("security.*", "mail.reset", false),
        ] {
            assert_eq!(takes(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_means_nothing_or_is_private_is_refused() {
        for category in Category::ALL {
            assert!(format!("{}.*", category.as_str()).parse::<EventPattern>().is_ok());
        }
        for wrong in
            ["", "**", "*.*", ".*", "user", "user.", "user.*.*", "nothing.*", "user.nothing", "mail.*", "mail.reset"]
        {
            assert!(wrong.parse::<EventPattern>().is_err(), "{wrong}");
        }
    }
}
