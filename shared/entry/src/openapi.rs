//! The OpenAPI 3.1 document, made from the handlers' signatures: limits from types, rights and body from arguments.

use std::collections::BTreeMap;

use aide::generate::in_context;
use aide::openapi::{
    Operation, Parameter, ParameterData, ParameterSchemaOrContent, ReferenceOr, Response, Responses, SchemaObject,
    StatusCode,
};
use domain::Code;
use serde_json::{Map, Value, json};

use crate::caller::area::{Area, Profile};
use crate::problem::status;
use crate::routes::{Route, Routes};

/// The routes of one function in the document, under a tag of that name.
pub struct Part {
    tag: &'static str,
    routes: Vec<Route>,
}

impl Part {
    /// What `routes` say.
    pub fn new<S>(tag: &'static str, routes: Routes<S>) -> Self {
        Part { tag, routes: routes.documented }
    }
}

/// The whole document. Run in tests, never in a function: functions carry the finished text.
pub fn document(version: &str, parts: Vec<Part>) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut tags = Vec::new();
    for part in parts {
        tags.push(json!({ "name": part.tag }));
        for route in part.routes {
            let method = route.method.as_str().to_lowercase();
            let operation = describe(&route, part.tag);
            paths.entry(route.path).or_default().insert(method, operation);
        }
    }
    let schemas = in_context(|ctx| Value::Object(ctx.schema.take_definitions(true)));
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": version,
            "description": "One marketplace backend for compute, plugins, energy and freelance work.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of POST /api/v1/auth/login, or an API key where `x-scope` names its scope.",
                },
            },
        },
    });
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.insert("Failure".to_owned(), failure_schema());
    }
    document
}

fn describe(route: &Route, tag: &str) -> Value {
    let mut operation = in_context(|ctx| {
        // Requests are what the document is read for: a schema says what may be sent.
        (route.describe)(ctx)
    });
    name_parameters(&mut operation, &route.path);
    operation.summary = Some(route.about.summary.to_owned());
    operation.description = Some(route.about.description.to_owned());
    operation.operation_id = Some(operation_id(route));
    operation.tags = vec![tag.to_owned()];
    if let Some(Value::String(scope)) = operation.extensions.get_mut("x-scope") {
        *scope = format!("{scope}:{}", crate::caller::access(&route.method).as_str());
    }
    let is_counted = operation.extensions.contains_key("x-rate-class");
    if !operation.security.is_empty() && !is_counted {
        crate::limit::document(&mut operation, Profile::class(&route.method).name);
    }
    let own = route.about.errors.iter().map(|code| (Some(status(*code).as_u16()), refusal(&[*code])));
    add_responses(&mut operation, own.collect());
    serde_json::to_value(&operation).unwrap_or_default()
}

/// The extractor of a path does not know what the route calls its parameter.
fn name_parameters(operation: &mut Operation, path: &str) {
    let Some(name) = path.rsplit('{').next().and_then(|rest| rest.split_once('}')) else { return };
    for parameter in &mut operation.parameters {
        if let ReferenceOr::Item(Parameter::Path { parameter_data, .. }) = parameter {
            parameter_data.name = name.0.to_owned();
        }
    }
}

/// `POST /api/v1/auth/verify-email` is `post_api_v1_auth_verify_email`: the version stays, since `/health` has three paths.
fn operation_id(route: &Route) -> String {
    let path = route.path.replace(['/', '-', '.', '{', '}'], "_");
    let words = path.split('_').filter(|word| !word.is_empty());
    let words: Vec<&str> = std::iter::once(route.method.as_str()).chain(words).collect();
    words.join("_").to_lowercase()
}

/// The documented answer of a refusal with one of `codes`.
pub(crate) fn refusal(codes: &[Code]) -> Response {
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let schema = schemars::json_schema!({ "$ref": "#/components/schemas/Failure" });
    crate::envelope::documented(&names.join(" or "), schema)
}

/// A header that a caller may send.
pub(crate) fn header_parameter(name: &str, meaning: &str, max_length: usize) -> ReferenceOr<Parameter> {
    let json_schema = schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": max_length });
    let schema = SchemaObject { json_schema, example: None, external_docs: None };
    let parameter_data = ParameterData {
        name: name.to_owned(),
        description: Some(meaning.to_owned()),
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: indexmap::IndexMap::new(),
        explode: None,
        extensions: indexmap::IndexMap::new(),
    };
    ReferenceOr::Item(Parameter::Header { parameter_data, style: aide::openapi::HeaderStyle::Simple })
}

/// Adds answers to an operation; several refusals of one status share an entry.
pub(crate) fn add_responses(operation: &mut Operation, responses: Vec<(Option<u16>, Response)>) {
    let all = operation.responses.get_or_insert_with(Responses::default);
    for (status, response) in responses {
        let key = StatusCode::Code(status.unwrap_or(200));
        match all.responses.get_mut(&key) {
            Some(ReferenceOr::Item(known)) => {
                let named = known.description.split(" or ").any(|name| name == response.description);
                if !named {
                    known.description = format!("{} or {}", known.description, response.description);
                }
            }
            _ => {
                all.responses.insert(key, ReferenceOr::Item(response));
            }
        }
    }
}

fn failure_schema() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "required": ["success", "message", "code", "details", "requestId", "timestamp", "statusCode"],
        "properties": {
            "success": { "const": false },
            "message": { "type": "string" },
            "code": { "type": "string", "enum": codes },
            "details": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": { "field": { "type": "string" }, "message": { "type": "string" } },
                },
            },
            "requestId": { "type": "string" },
            "timestamp": { "type": "string", "format": "date-time" },
            "statusCode": { "type": "integer" },
        },
    })
}
