//! Functions: their own properties over those of `Globals`.

use super::document::{Fault, Node};
use super::events::{HttpRoute, QueueSource, Schedule, StreamSource};
use super::scope::{Resource, Scope, cloud_only};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// A function as the template declares it, `Globals` merged and everything resolved.
#[derive(Debug, Clone)]
pub struct Function {
    pub logical_id: String,
    pub name: String,
    /// The Cargo binary, `Metadata.BuildProperties.Binary`.
    pub binary: String,
    pub timeout: Duration,
    pub memory_mb: u32,
    pub environment: BTreeMap<String, String>,
    pub http_routes: Vec<HttpRoute>,
    pub stream_sources: Vec<StreamSource>,
    pub queue_sources: Vec<QueueSource>,
    pub schedules: Vec<Schedule>,
    /// The role of this template that it runs with; none when SAM makes one.
    pub role: Option<String>,
    /// The statements of its own policies and of its role's, as IAM reads them.
    pub policies: Vec<Value>,
}

/// What of a function's settings the local cloud obeys; the rest is passed on or read by others.
const OBEYED: &[&str] =
    &["CodeUri", "Environment", "Events", "FunctionName", "Handler", "MemorySize", "Policies", "Role", "Timeout"];

/// What matters in AWS only. `Runtime` and `Architectures` are whatever this machine builds.
const AWS_ONLY: &[&str] = &[
    "Architectures",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "DeploymentPreference",
    "Description",
    "LoggingConfig",
    "ReservedConcurrentExecutions",
    "Runtime",
    "Tags",
    "Tracing",
];

/// What AWS assumes when neither the function nor `Globals` says.
const TIMEOUT_SECONDS: u64 = 3;
const MEMORY_MB: u32 = 128;

/// `Globals.Function`; other globals have no meaning here.
pub(super) fn globals(document: &Node) -> Result<Option<&Node>, Fault> {
    let Some(section) = document.find("Globals") else {
        return Ok(None);
    };
    section.allow_only(&["Function"], &["HttpApi"])?;
    Ok(section.find("Function"))
}

impl Function {
    /// Reads one function; `node` is its resolved properties, `globals` is not resolved yet.
    pub(super) fn read(
        scope: &Scope<'_>,
        resource: &Resource<'_>,
        globals: Option<&Node>,
        node: &Node,
    ) -> Result<Function, Fault> {
        let globals = globals.map(|node| scope.resolve(node)).transpose()?;
        node.allow_only(OBEYED, AWS_ONLY)?;
        if let Some(globals) = &globals {
            globals.allow_only(&["CodeUri", "Environment", "Handler", "MemorySize", "Timeout"], AWS_ONLY)?;
        }
        let layers: Vec<&Node> = globals.iter().chain([node]).collect();
        let mut function = Function {
            logical_id: resource.logical_id.to_owned(),
            name: node.text_of("FunctionName")?.to_owned(),
            binary: binary(resource.node)?,
            timeout: Duration::from_secs(last(&layers, "Timeout")?.unwrap_or(TIMEOUT_SECONDS)),
            memory_mb: last(&layers, "MemorySize")?.unwrap_or(MEMORY_MB),
            environment: environment(&layers)?,
            http_routes: Vec::new(),
            stream_sources: Vec::new(),
            queue_sources: Vec::new(),
            schedules: Vec::new(),
            role: None,
            policies: policies(node)?,
        };
        if let Some(role) = node.find("Role") {
            function.read_role(scope, role)?;
        }
        if let Some(events) = node.find("Events") {
            for (name, event) in events.entries()? {
                function.read_event(name, event)?;
            }
        }
        Ok(function)
    }

    /// The role must be one of this template: rights that stand elsewhere cannot be checked.
    fn read_role(&mut self, scope: &Scope<'_>, node: &Node) -> Result<(), Fault> {
        let arn = node.as_text()?;
        let named = scope.resources.iter().find(|known| cloud_only(known.logical_id, "Arn") == arn);
        let role = named.ok_or_else(|| node.fault("`Role` must be the ARN of a role of this template"))?;
        self.role = Some(role.logical_id.to_owned());
        if let Some(properties) = role.properties() {
            let properties = scope.resolve(properties)?;
            for policy in properties.find("Policies").map(Node::items).unwrap_or_default() {
                self.policies.extend(statements(policy.require("PolicyDocument")?)?);
            }
        }
        Ok(())
    }

    fn read_event(&mut self, name: &str, event: &Node) -> Result<(), Fault> {
        let kind = event.text_of("Type")?;
        match (kind, event.find("Properties")) {
            ("HttpApi", properties) => self.http_routes.push(HttpRoute::read(properties)?),
            ("DynamoDB", Some(node)) => self.stream_sources.push(StreamSource::read(node)?),
            ("SQS", Some(node)) => self.queue_sources.push(QueueSource::read(node)?),
            ("ScheduleV2", Some(node)) => self.schedules.push(Schedule::read(name, node)?),
            (_, None) => return Err(event.fault("`Properties` is missing")),
            (other, _) => {
                return Err(event.fault(format!("events of type `{other}` are not understood here")));
            }
        }
        Ok(())
    }
}

fn binary(resource: &Node) -> Result<String, Fault> {
    let properties = resource.require("Metadata")?.require("BuildProperties")?;
    Ok(properties.text_of("Binary")?.to_owned())
}

/// The number that the last layer to know it gives.
fn last<T: std::str::FromStr>(layers: &[&Node], key: &str) -> Result<Option<T>, Fault> {
    for layer in layers.iter().rev() {
        if let Some(number) = layer.number_of(key)? {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

fn environment(layers: &[&Node]) -> Result<BTreeMap<String, String>, Fault> {
    let mut environment = BTreeMap::new();
    for layer in layers {
        let variables = layer.find("Environment").map(|node| node.require("Variables"));
        let Some(variables) = variables.transpose()? else {
            continue;
        };
        for (name, value) in variables.entries()? {
            environment.insert(name.clone(), value.as_text()?.to_owned());
        }
    }
    Ok(environment)
}

/// The statements of all inline policies. Managed policies are names of things that exist in AWS only.
fn policies(node: &Node) -> Result<Vec<Value>, Fault> {
    let mut all = Vec::new();
    for policy in node.find("Policies").map(Node::items).unwrap_or_default() {
        if policy.as_text().is_err() {
            all.extend(statements(policy)?);
        }
    }
    Ok(all)
}

fn statements(policy: &Node) -> Result<Vec<Value>, Fault> {
    let Some(list) = policy.find("Statement") else {
        return Err(policy.fault("policy templates are not understood here: write statements"));
    };
    Ok(list.items().iter().map(Node::to_json).collect())
}
