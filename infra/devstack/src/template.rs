//! template.yaml as the local cloud reads it: the subset of SAM that this project uses, everything resolved.
//!
//! What the subset does not hold (an intrinsic, a resource kind, a setting, a reference that leads nowhere) is an error
//! with its line, never ignored: the local cloud must not differ from AWS in silence.

mod api;
mod data;
mod declared;
mod document;
mod events;
mod fields;
mod functions;
mod intrinsics;
mod kinds;
mod pattern;
mod scope;
mod timing;

pub use data::{Bucket, Queue, Redrive, Table};
pub use declared::Declared;
pub use events::{HttpRoute, QueueSource, Schedule, StreamSource};
pub use functions::Function;
pub use pattern::matches;
pub use timing::Timing;

use document::Fault;
use kinds::Kind;
use scope::Scope;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The account all local resources belong to.
pub const ACCOUNT: &str = "000000000000";
/// The region all local resources are in.
pub const REGION: &str = "us-east-1";

/// What a template is read with.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Values of parameters, before their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Where queues live: `http://127.0.0.1:9002` makes `http://127.0.0.1:9002/000000000000/{name}`.
    pub queue_url_base: String,
}

/// What the local cloud runs.
#[derive(Debug, Clone, Default)]
pub struct Template {
    pub tables: Vec<Table>,
    pub queues: Vec<Queue>,
    pub buckets: Vec<Bucket>,
    pub functions: Vec<Function>,
    /// Every resource of these parameters as it is written, also what does not run locally; for rules over the template.
    pub declared: Vec<Declared>,
}

/// Why a template could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}:{line}: {message}")]
    Invalid { path: PathBuf, line: usize, message: String },
}

impl Template {
    /// Reads and resolves the template at `path`.
    pub fn load(path: &Path, context: &Context) -> Result<Template, TemplateError> {
        let source =
            std::fs::read_to_string(path).map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        Template::parse(&source, context).map_err(|fault| TemplateError::Invalid {
            path: path.to_owned(),
            line: fault.line,
            message: fault.message,
        })
    }

    fn parse(source: &str, context: &Context) -> Result<Template, Fault> {
        let document = document::parse(source)?;
        document.allow_only(
            &["Parameters", "Conditions", "Globals", "Resources", "Outputs"],
            &["AWSTemplateFormatVersion", "Transform", "Description", "Metadata"],
        )?;
        let scope = Scope::read(&document, context)?;
        scope.check_outputs(&document)?;
        scope.check_declarations()?;
        let globals = functions::globals(&document)?;
        let mut template = Template::default();
        for resource in &scope.resources {
            if !scope.is_present(resource)? {
                continue;
            }
            let properties = match resource.properties() {
                Some(node) => Some(scope.resolve(node)?),
                None => None,
            };
            template.declared.push(Declared::read(resource, properties.as_ref())?);
            match (resource.kind, properties) {
                (Kind::HttpApi, Some(node)) => api::check(&node)?,
                (Kind::HttpApi | Kind::CloudOnly, _) => {}
                (_, None) => return Err(resource.node.fault("`Properties` is missing")),
                (Kind::Table, Some(node)) => {
                    template.tables.push(Table::read(resource.logical_id, &node)?);
                }
                (Kind::Queue, Some(node)) => {
                    template.queues.push(Queue::read(resource.logical_id, &node)?);
                }
                (Kind::Bucket, Some(node)) => {
                    template.buckets.push(Bucket::read(resource.logical_id, &node)?);
                }
                (Kind::Function, Some(node)) => {
                    template.functions.push(Function::read(&scope, resource, globals, &node)?);
                }
            }
        }
        Ok(template)
    }

    /// The table with this physical name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The queue with this physical name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.name == name)
    }
}

/// The ARN of a local queue.
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The ARN of a local table's stream. AWS labels a stream by its birth; here it is always the same one.
pub fn stream_arn(table: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/local")
}
