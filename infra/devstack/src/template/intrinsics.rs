//! Intrinsic functions: a node with references in, a node without out.

use super::document::{Content, Fault, Node};
use super::scope::Scope;

impl Scope<'_> {
    /// Replaces every intrinsic below `node` by its value.
    pub fn resolve(&self, node: &Node) -> Result<Node, Fault> {
        self.deeper(node, || match &node.content {
            Content::Text { .. } | Content::Absent => Ok(node.clone()),
            Content::List(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for item in items {
                    let item = self.resolve(item)?;
                    if item.content != Content::Absent {
                        resolved.push(item);
                    }
                }
                Ok(with(node, Content::List(resolved)))
            }
            Content::Map(entries) => match entries.as_slice() {
                [(key, argument)] if key == "Ref" => self.reference(argument.as_text()?, argument),
                [(key, argument)] if key.starts_with("Fn::") => self.intrinsic(key, argument),
                _ => self.resolve_entries(node, entries),
            },
        })
    }

    fn resolve_entries(&self, node: &Node, entries: &[(String, Node)]) -> Result<Node, Fault> {
        let mut resolved = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if key.starts_with("Fn::") {
                return Err(value.fault(format!("`{key}` must stand alone")));
            }
            let value = self.resolve(value)?;
            if value.content != Content::Absent {
                resolved.push((key.clone(), value));
            }
        }
        Ok(with(node, Content::Map(resolved)))
    }

    fn intrinsic(&self, name: &str, argument: &Node) -> Result<Node, Fault> {
        match name {
            "Fn::GetAtt" => self.get_att(argument),
            "Fn::Sub" => self.sub(argument),
            "Fn::If" => match argument.items() {
                [condition, yes, no] => {
                    let holds = self.condition(condition.as_text()?, condition)?;
                    self.resolve(if holds { yes } else { no })
                }
                _ => Err(argument.fault("Fn::If takes a condition and two values")),
            },
            "Fn::Join" => match argument.items() {
                [separator, parts] => {
                    let parts = self.resolve(parts)?;
                    let texts: Result<Vec<&str>, Fault> = parts.items().iter().map(Node::as_text).collect();
                    Ok(Node::text(argument.line, texts?.join(separator.as_text()?)))
                }
                _ => Err(argument.fault("Fn::Join takes a separator and a list")),
            },
            other => Err(argument.fault(format!("intrinsic `{other}` is not understood here"))),
        }
    }

    fn get_att(&self, argument: &Node) -> Result<Node, Fault> {
        match argument.items() {
            [whole] => match whole.as_text()?.split_once('.') {
                Some((resource, attribute)) => self.attribute(resource, attribute, whole),
                None => Err(whole.fault("Fn::GetAtt takes `Resource.Attribute`")),
            },
            [resource, attribute] => self.attribute(resource.as_text()?, attribute.as_text()?, resource),
            _ => Err(argument.fault("Fn::GetAtt takes `Resource.Attribute`")),
        }
    }

    fn sub(&self, argument: &Node) -> Result<Node, Fault> {
        let (pattern, own) = match argument.items() {
            [pattern] => (pattern, None),
            [pattern, own] => (pattern, Some(own)),
            _ => return Err(argument.fault("Fn::Sub takes a text and, at most, a map")),
        };
        let mut rest = pattern.as_text()?;
        let mut text = String::with_capacity(rest.len());
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or_else(|| pattern.fault("`${` without `}`"))?;
            text.push_str(before);
            text.push_str(&self.substitute(name, own, pattern)?);
            rest = behind;
        }
        text.push_str(rest);
        Ok(Node::text(argument.line, text))
    }

    fn substitute(&self, name: &str, own: Option<&Node>, at: &Node) -> Result<String, Fault> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        let value = match (own.and_then(|map| map.find(name)), name.split_once('.')) {
            (Some(node), _) => self.resolve(node)?,
            (None, Some((resource, attribute))) => self.attribute(resource, attribute, at)?,
            (None, None) => self.reference(name, at)?,
        };
        Ok(value.as_text()?.to_owned())
    }

    /// Whether the named condition holds.
    pub fn condition(&self, name: &str, at: &Node) -> Result<bool, Fault> {
        let node = self.conditions.get(name).ok_or_else(|| at.fault(format!("condition `{name}` is not declared")))?;
        self.holds(node)
    }

    fn holds(&self, node: &Node) -> Result<bool, Fault> {
        let [(function, argument)] = node.entries()? else {
            return Err(node.fault("a condition is one function"));
        };
        self.deeper(node, || match (function.as_str(), argument.items()) {
            ("Condition", [name]) => self.condition(name.as_text()?, name),
            ("Fn::Equals", [left, right]) => {
                let (left, right) = (self.resolve(left)?, self.resolve(right)?);
                Ok(left.as_text()? == right.as_text()?)
            }
            ("Fn::Not", [inner]) => Ok(!self.holds(inner)?),
            ("Fn::And", parts) => {
                let parts: Result<Vec<bool>, Fault> = parts.iter().map(|part| self.holds(part)).collect();
                Ok(parts?.into_iter().all(|part| part))
            }
            ("Fn::Or", parts) => {
                let parts: Result<Vec<bool>, Fault> = parts.iter().map(|part| self.holds(part)).collect();
                Ok(parts?.into_iter().any(|part| part))
            }
            (other, _) => Err(argument.fault(format!("`{other}` is not understood in a condition"))),
        })
    }
}

fn with(node: &Node, content: Content) -> Node {
    Node { line: node.line, content }
}
