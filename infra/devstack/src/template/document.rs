//! YAML as CloudFormation writes it: every node keeps its line, every short tag becomes its long form.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::Value;

/// What is wrong with the template, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub line: usize,
    pub message: String,
}

/// One YAML node and the line (from 1) it begins on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub line: usize,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// `AWS::NoValue`: whoever contains it leaves it out.
    Absent,
}

impl Node {
    pub fn text(line: usize, text: impl Into<String>) -> Node {
        let content = Content::Text { text: text.into(), plain: false };
        Node { line, content }
    }

    pub fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { line: self.line, message: message.into() }
    }

    /// The node as JSON. Plain scalars get the type that YAML gives them, quoted ones stay strings.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Absent => Value::Null,
            Content::List(items) => items.iter().map(Node::to_json).collect(),
            Content::Map(entries) => entries.iter().map(|(key, node)| (key.clone(), node.to_json())).collect(),
            Content::Text { text, plain: false } => Value::String(text.clone()),
            Content::Text { text, plain: true } => match text.as_str() {
                "" | "~" | "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                other => match other.parse::<i64>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::String(text.clone()),
                },
            },
        }
    }
}

/// Parses one YAML document.
pub(super) fn parse(source: &str) -> Result<Node, Fault> {
    let mut events = Events { parser: Parser::new_from_str(source) };
    loop {
        match events.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, span) => {
                return Err(at(span, "the template is empty"));
            }
            (event, span) => return events.node(event, span),
        }
    }
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Fault> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(Fault { line: error.marker().line(), message: error.info().to_owned() }),
            None => Err(Fault { line: 1, message: "the document ends too early".to_owned() }),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Fault> {
        let (tag, content) = match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let text = text.into_owned();
                (tag, Content::Text { text, plain })
            }
            Event::SequenceStart(_, tag) => (tag, self.list()?),
            Event::MappingStart(_, tag) => (tag, self.map()?),
            Event::Alias(_) => return Err(at(span, "aliases are not understood: write it out")),
            _ => return Err(at(span, "a value was expected here")),
        };
        let line = span.start.line();
        Ok(untagged(tag.as_deref(), Node { line, content }))
    }

    fn list(&mut self) -> Result<Content, Fault> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn map(&mut self) -> Result<Content, Fault> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Content::Map(entries)),
                (Event::Scalar(key, ..), span) => {
                    if entries.iter().any(|(known, _)| *known == key) {
                        return Err(at(span, format!("`{key}` is given twice")));
                    }
                    key.into_owned()
                }
                (_, span) => return Err(at(span, "keys are plain words")),
            };
            let (event, span) = self.next()?;
            entries.push((key, self.node(event, span)?));
        }
    }
}

/// `!Sub x` becomes `{Fn::Sub: x}`, so that the rest knows one form only.
fn untagged(tag: Option<&Tag>, node: Node) -> Node {
    let Some(tag) = tag.filter(|tag| tag.handle == "!") else {
        return node;
    };
    let key = match tag.suffix.as_str() {
        "Ref" => "Ref".to_owned(),
        "Condition" => "Condition".to_owned(),
        name => format!("Fn::{name}"),
    };
    let line = node.line;
    Node { line, content: Content::Map(vec![(key, node)]) }
}

fn at(span: Span, message: impl Into<String>) -> Fault {
    Fault { line: span.start.line(), message: message.into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_tags_become_long_forms() {
        let node = parse("a: !Ref Stage\nb: !Sub x-${y}\nc: { Fn::GetAtt: [T, Arn] }\n").unwrap();
        assert_eq!(
            node.to_json(),
            json!({"a": {"Ref": "Stage"}, "b": {"Fn::Sub": "x-${y}"}, "c": {"Fn::GetAtt": ["T", "Arn"]}})
        );
    }

    #[test]
    fn quoted_scalars_stay_strings() {
        let node = parse("a: 5\nb: \"5\"\nc: true\nd: 'true'\n").unwrap();
        assert_eq!(node.to_json(), json!({"a": 5, "b": "5", "c": true, "d": "true"}));
    }

    #[test]
    fn a_key_given_twice_is_refused_with_its_line() {
        let fault = parse("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(fault.line, 3);
    }

    #[test]
    fn broken_yaml_is_refused_with_its_line() {
        assert_eq!(parse("a: 1\nb: [1, 2\nc: 3\n").unwrap_err().line, 3);
    }
}
