//! Conditions and updates as DynamoDB expressions, with every name and value passed beside the text.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::{Item, number};

/// What must hold for a write to happen.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Absent(&'static str),
    Present(&'static str),
    Equals(&'static str, AttributeValue),
    Less(&'static str, AttributeValue),
    AtMost(&'static str, AttributeValue),
    AtLeast(&'static str, AttributeValue),
    Greater(&'static str, AttributeValue),
    /// A set of more than so many.
    MoreThan(&'static str, usize),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

type Names = HashMap<String, String>;
type Values = HashMap<String, AttributeValue>;

/// Names and values that an expression refers to.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    names: Names,
    values: Values,
}

impl Placeholders {
    /// A stand-in for an attribute's name; reserved words are many, and a dot would lead into a map.
    pub fn name(&mut self, name: &str) -> String {
        let stand_in = format!("#{}", name.replace('.', "_"));
        self.names.insert(stand_in.clone(), name.to_owned());
        stand_in
    }

    /// A stand-in for a value.
    pub fn value(&mut self, value: AttributeValue) -> String {
        let stand_in = format!(":{}", self.values.len());
        self.values.insert(stand_in.clone(), value);
        stand_in
    }

    /// What the SDK wants; it refuses empty maps.
    pub fn into_parts(self) -> (Option<Names>, Option<Values>) {
        ((!self.names.is_empty()).then_some(self.names), (!self.values.is_empty()).then_some(self.values))
    }
}

impl Condition {
    /// The condition as an expression.
    pub fn render(&self, to: &mut Placeholders) -> String {
        match self {
            Condition::Absent(name) => format!("attribute_not_exists({})", to.name(name)),
            Condition::Present(name) => format!("attribute_exists({})", to.name(name)),
            Condition::Equals(name, value) => compare(to, name, "=", value),
            Condition::Less(name, value) => compare(to, name, "<", value),
            Condition::AtMost(name, value) => compare(to, name, "<=", value),
            Condition::AtLeast(name, value) => compare(to, name, ">=", value),
            Condition::Greater(name, value) => compare(to, name, ">", value),
            Condition::MoreThan(name, size) => {
                format!("size({}) > {}", to.name(name), to.value(number(size)))
            }
            Condition::All(parts) => join(to, parts, " AND "),
            Condition::Any(parts) => join(to, parts, " OR "),
        }
    }
}

fn compare(to: &mut Placeholders, name: &str, operator: &str, value: &AttributeValue) -> String {
    format!("{} {operator} {}", to.name(name), to.value(value.clone()))
}

/// DynamoDB refuses parentheses around parentheses.
fn join(to: &mut Placeholders, parts: &[Condition], with: &str) -> String {
    if let [only] = parts {
        return only.render(to);
    }
    let parts: Vec<String> = parts.iter().map(|part| format!("({})", part.render(to))).collect();
    parts.join(with)
}

/// What an update does to attributes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    set: Vec<(String, AttributeValue)>,
    add: Vec<(String, AttributeValue)>,
    take: Vec<(String, AttributeValue)>,
    remove: Vec<String>,
}

impl Changes {
    /// What makes `before` into `after`, both items of one key.
    pub fn between(before: &Item, after: &Item) -> Self {
        let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
        let remove = before.keys().filter(|name| !after.contains_key(*name));
        Changes {
            set: set.map(|(name, value)| (name.clone(), value.clone())).collect(),
            add: Vec::new(),
            take: Vec::new(),
            remove: remove.cloned().collect(),
        }
    }

    pub fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push((name.to_owned(), value));
        self
    }

    pub fn add(mut self, name: &str, value: AttributeValue) -> Self {
        self.add.push((name.to_owned(), value));
        self
    }

    /// Takes members out of a set.
    pub fn take(mut self, name: &str, members: AttributeValue) -> Self {
        self.take.push((name.to_owned(), members));
        self
    }

    pub fn remove(mut self, name: &str) -> Self {
        self.remove.push(name.to_owned());
        self
    }

    /// The changes as an update expression.
    pub fn render(&self, to: &mut Placeholders) -> String {
        let set: Vec<_> = self.set.iter().map(|(n, v)| format!("{} = {}", to.name(n), to.value(v.clone()))).collect();
        let add: Vec<_> = self.add.iter().map(|(n, v)| format!("{} {}", to.name(n), to.value(v.clone()))).collect();
        let take: Vec<_> = self.take.iter().map(|(n, v)| format!("{} {}", to.name(n), to.value(v.clone()))).collect();
        let remove: Vec<_> = self.remove.iter().map(|n| to.name(n)).collect();
        let clause = |word: &str, parts: &[String]| match parts.is_empty() {
            true => String::new(),
            false => format!("{word} {} ", parts.join(", ")),
        };
        let text = clause("SET", &set) + &clause("ADD", &add) + &clause("DELETE", &take) + &clause("REMOVE", &remove);
        text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_carry_names_and_values_beside_the_text() {
        let mut to = Placeholders::default();
        let condition = Condition::Any(vec![
            Condition::Absent("pk"),
            Condition::All(vec![
                Condition::Less("n", AttributeValue::N("5".into())),
                Condition::Greater("at", AttributeValue::S("x".into())),
            ]),
        ]);
        assert_eq!(condition.render(&mut to), "(attribute_not_exists(#pk)) OR ((#n < :0) AND (#at > :1))");
        let before = HashMap::from([("out".to_owned(), AttributeValue::Bool(true))]);
        let after = HashMap::from([("status".to_owned(), AttributeValue::Bool(true))]);
        let changes = Changes::between(&before, &after).add("hits", AttributeValue::N("1".into()));
        assert_eq!(changes.render(&mut to), "SET #status = :2 ADD #hits :3 REMOVE #out");
        let (names, values) = to.into_parts();
        assert_eq!(names.unwrap().len(), 6);
        assert_eq!(values.unwrap().len(), 4);
    }
}
