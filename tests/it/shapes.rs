//! Request bodies as the document describes them: plausible ones, and where in them a text stands.

use serde_json::{Map, Value, json};

/// A step into a body: a field, or the first element of a list.
#[derive(Clone, Debug)]
enum Step {
    Field(String),
    First,
}

/// A place in a request body where a text stands.
#[derive(Clone, Debug)]
pub struct Place(Vec<Step>);

impl Place {
    /// The name of the field that it is, or is in.
    pub fn field(&self) -> &str {
        let names = self.0.iter().rev().filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::First => None,
        });
        names.into_iter().next().unwrap_or_default()
    }

    /// `body` with something else in this place.
    pub fn fill(&self, body: &Value, filling: &Value) -> Value {
        let mut filled = body.clone();
        let place = self.0.iter().fold(&mut filled, |at, step| match step {
            Step::Field(name) => &mut at[name.as_str()],
            Step::First => {
                if !at.is_array() {
                    *at = json!([null]);
                }
                &mut at[0]
            }
        });
        *place = filling.clone();
        filled
    }
}

/// The schemas of a document.
pub struct Shapes<'a>(pub &'a Value);

impl<'a> Shapes<'a> {
    /// The schema of an operation's body, if it takes one.
    pub fn body(&self, operation: &'a Value) -> Option<&'a Value> {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        schema.is_object().then(|| self.resolved(schema))
    }

    /// A body with everything that must be there, and plausible.
    pub fn example(&self, schema: &'a Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(example) = schema["examples"].get(0).or(schema["enum"].get(0)).or(schema.get("const")) {
            return example.clone();
        }
        match kind(schema) {
            "object" => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let fields = required.map(|name| {
                    let example = self.example(&schema["properties"][name]);
                    let is_password = name.to_lowercase().contains("password");
                    (name.to_owned(), if is_password { json!(crate::world::PASSWORD) } else { example })
                });
                Value::Object(Map::from_iter(fields))
            }
            "array" => json!([self.example(&schema["items"])]),
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "boolean" => json!(true),
            _ => json!("something"),
        }
    }

    /// Every place of a body where a text stands.
    pub fn texts(&self, schema: &'a Value) -> Vec<Place> {
        let mut found = Vec::new();
        self.collect(schema, &mut Vec::new(), &mut found);
        found
    }

    /// Each field of a body with something of another type in it.
    pub fn mistyped(&self, schema: &'a Value) -> Vec<(String, Value)> {
        let schema = self.resolved(schema);
        let example = self.example(schema);
        let fields = schema["properties"].as_object().into_iter().flatten();
        let wrong = fields.map(|(name, schema)| {
            let wrong = match kind(self.resolved(schema)) {
                "string" | "boolean" => json!({ "no": 1 }),
                _ => json!("no"),
            };
            (name.clone(), Place(vec![Step::Field(name.clone())]).fill(&example, &wrong))
        });
        wrong.collect()
    }

    fn collect(&self, schema: &'a Value, at: &mut Vec<Step>, found: &mut Vec<Place>) {
        let schema = self.resolved(schema);
        match kind(schema) {
            "string" => found.push(Place(at.clone())),
            "array" => {
                at.push(Step::First);
                self.collect(&schema["items"], at, found);
                at.pop();
            }
            _ => {
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    at.push(Step::Field(name.clone()));
                    self.collect(schema, at, found);
                    at.pop();
                }
            }
        }
    }

    /// The schema itself, without references and without the choice to say `null`.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap_or_default();
            return self.resolved(&self.0["components"]["schemas"][name]);
        }
        let choices = schema["anyOf"].as_array().or(schema["allOf"].as_array()).into_iter().flatten();
        match choices.into_iter().find(|choice| choice["type"] != "null") {
            Some(choice) => self.resolved(choice),
            None => schema,
        }
    }
}

/// The type of a schema that is resolved, `null` aside.
fn kind(schema: &Value) -> &str {
    let types = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let named = schema["type"].as_str().or(types.into_iter().find(|name| *name != "null"));
    named.unwrap_or(if schema.get("enum").is_some() { "string" } else { "object" })
}
