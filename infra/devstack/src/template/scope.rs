//! What a reference can mean: parameters, conditions and resources of one template.

use super::document::{Content, Fault, Node};
use super::kinds::Kind;
use super::{ACCOUNT, Context, REGION};
use std::cell::Cell;
use std::collections::BTreeMap;

/// References nest this deep at most; deeper ones go in a circle.
const DEPTH_MAX: usize = 32;

/// One entry of `Resources`, not yet resolved.
pub(super) struct Resource<'a> {
    pub logical_id: &'a str,
    pub kind: Kind,
    pub node: &'a Node,
}

impl<'a> Resource<'a> {
    pub fn properties(&self) -> Option<&'a Node> {
        self.node.find("Properties")
    }
}

pub(super) struct Scope<'a> {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) conditions: BTreeMap<&'a str, &'a Node>,
    pub(super) resources: Vec<Resource<'a>>,
    queue_url_base: &'a str,
    depth: Cell<usize>,
}

impl<'a> Scope<'a> {
    pub fn read(document: &'a Node, context: &'a Context) -> Result<Scope<'a>, Fault> {
        let mut conditions = BTreeMap::new();
        if let Some(section) = document.find("Conditions") {
            for (name, node) in section.entries()? {
                conditions.insert(name.as_str(), node);
            }
        }
        Ok(Scope {
            parameters: parameters(document, context)?,
            conditions,
            resources: resources(document)?,
            queue_url_base: context.queue_url_base.trim_end_matches('/'),
            depth: Cell::new(0),
        })
    }

    /// Checks what nothing else may look at: conditions nobody uses, and what resources depend on.
    pub fn check_declarations(&self) -> Result<(), Fault> {
        for (name, node) in &self.conditions {
            self.condition(name, node)?;
        }
        for resource in &self.resources {
            let Some(dependencies) = resource.node.find("DependsOn") else {
                continue;
            };
            for dependency in dependencies.items() {
                let name = dependency.as_text()?;
                if !self.resources.iter().any(|known| known.logical_id == name) {
                    return Err(dependency.fault(format!("`{name}` is not a resource")));
                }
            }
        }
        Ok(())
    }

    /// Resolves the outputs of these parameters, so that what they refer to is checked.
    pub fn check_outputs(&self, document: &Node) -> Result<(), Fault> {
        let Some(outputs) = document.find("Outputs") else {
            return Ok(());
        };
        for (_, output) in outputs.entries()? {
            let is_present = match output.find("Condition") {
                Some(name) => self.condition(name.as_text()?, name)?,
                None => true,
            };
            if is_present {
                self.resolve(output.require("Value")?)?;
            }
        }
        Ok(())
    }

    /// What `Ref name` means.
    pub fn reference(&self, name: &str, at: &Node) -> Result<Node, Fault> {
        let pseudo = match name {
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Region" => Some(REGION),
            "AWS::Partition" => Some("aws"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            "AWS::StackName" => Some("souk-local"),
            "AWS::NoValue" => {
                let content = Content::Absent;
                return Ok(Node { line: at.line, content });
            }
            _ => self.parameters.get(name).map(String::as_str),
        };
        if let Some(value) = pseudo {
            return Ok(Node::text(at.line, value));
        }
        // SAM's way to name the stage that it makes with an API.
        if let Some(api) = name.strip_suffix(".Stage")
            && self.resource(api, at)?.kind == Kind::HttpApi
        {
            return Ok(Node::text(at.line, super::api::STAGE));
        }
        let resource = self.resource(name, at)?;
        let physical = self.name_of(resource)?;
        Ok(match resource.kind {
            Kind::Queue => Node::text(at.line, format!("{}/{ACCOUNT}/{physical}", self.queue_url_base)),
            _ => Node::text(at.line, physical),
        })
    }

    /// What `Fn::GetAtt name.attribute` means.
    pub fn attribute(&self, name: &str, attribute: &str, at: &Node) -> Result<Node, Fault> {
        let resource = self.resource(name, at)?;
        let physical = self.name_of(resource)?;
        let value = match (resource.kind, attribute) {
            (Kind::Table, "Arn") => table_arn(&physical),
            (Kind::Table, "StreamArn") => super::stream_arn(&physical),
            (Kind::Queue, "Arn") => super::queue_arn(&physical),
            (Kind::Queue, "QueueName") => physical,
            (Kind::Bucket, "Arn") => format!("arn:aws:s3:::{physical}"),
            (Kind::Function, "Arn") => {
                format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{physical}")
            }
            // Nothing reads these here; they only have to be told apart.
            (Kind::CloudOnly, _) => cloud_only(name, attribute),
            _ => {
                return Err(at.fault(format!("`{name}` has no attribute `{attribute}` that is understood here")));
            }
        };
        Ok(Node::text(at.line, value))
    }

    /// The resource `name`, which must exist in this stage.
    pub fn resource(&self, name: &str, at: &Node) -> Result<&Resource<'a>, Fault> {
        let resource = self
            .resources
            .iter()
            .find(|known| known.logical_id == name)
            .ok_or_else(|| at.fault(format!("`{name}` is neither a parameter nor a resource")))?;
        if !self.is_present(resource)? {
            return Err(at.fault(format!("`{name}` does not exist under these parameters")));
        }
        Ok(resource)
    }

    /// Whether the resource's condition holds.
    pub fn is_present(&self, resource: &Resource<'a>) -> Result<bool, Fault> {
        match resource.node.find("Condition") {
            Some(name) => self.condition(name.as_text()?, name),
            None => Ok(true),
        }
    }

    /// The physical name of a resource.
    pub fn name_of(&self, resource: &Resource<'a>) -> Result<String, Fault> {
        let property = resource.kind.name_property();
        let name = resource.properties().and_then(|node| node.find(property));
        match (name, resource.kind) {
            (Some(node), _) => Ok(self.resolve(node)?.as_text()?.to_owned()),
            (None, Kind::HttpApi | Kind::CloudOnly) => Ok(resource.logical_id.to_owned()),
            (None, _) => {
                Err(resource.node.fault(format!("`{property}` is missing: what runs locally needs a fixed name")))
            }
        }
    }

    /// Runs `inner` one level deeper, or refuses when that is too deep.
    pub(super) fn deeper<T>(&self, at: &Node, inner: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth.get() >= DEPTH_MAX {
            return Err(at.fault("this refers to itself"));
        }
        self.depth.set(self.depth.get() + 1);
        let result = inner();
        self.depth.set(self.depth.get() - 1);
        result
    }
}

/// An attribute of what does not run locally.
pub(super) fn cloud_only(logical_id: &str, attribute: &str) -> String {
    format!("arn:aws:cloud-only:{REGION}:{ACCOUNT}:{logical_id}/{attribute}")
}

fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

fn parameters(document: &Node, context: &Context) -> Result<BTreeMap<String, String>, Fault> {
    let mut values = BTreeMap::new();
    let declared = match document.find("Parameters") {
        Some(section) => section.entries()?,
        None => &[],
    };
    for (name, node) in declared {
        let value = match (context.parameters.get(name), node.find("Default")) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => default.as_text()?.to_owned(),
            (None, None) => {
                return Err(node.fault(format!("parameter `{name}` has no value")));
            }
        };
        if let Some(allowed) = node.find("AllowedValues") {
            let fits = allowed.items().iter().any(|item| item.as_text().is_ok_and(|text| text == value));
            if !fits {
                return Err(allowed.fault(format!("parameter `{name}` cannot be `{value}`")));
            }
        }
        values.insert(name.clone(), value);
    }
    match context.parameters.keys().find(|name| !values.contains_key(*name)) {
        Some(name) => Err(document.fault(format!("parameter `{name}` is not declared"))),
        None => Ok(values),
    }
}

fn resources(document: &Node) -> Result<Vec<Resource<'_>>, Fault> {
    let mut resources = Vec::new();
    for (logical_id, node) in document.require("Resources")?.entries()? {
        let name = node.text_of("Type")?;
        let kind =
            Kind::of(name).ok_or_else(|| node.fault(format!("resource kind `{name}` is not understood here")))?;
        resources.push(Resource { logical_id, kind, node });
    }
    Ok(resources)
}
