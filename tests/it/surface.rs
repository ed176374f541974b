//! Suites that walk the whole surface, as the document tells it.

use std::collections::HashMap;

use axum::http::Method;
use domain::identity::Role;
use domain::identity::Scope;
use domain::identity::scope::Area;
use domain::time::MINUTE;
use serde_json::Value;

use crate::openapi::document;
use crate::shapes::Shapes;
use crate::world::{Person, World};

/// Operations that anybody may call; whoever adds one, adds it here.
const PUBLIC: [&str; 17] = [
    "GET /",
    "GET /api/docs",
    "GET /api/health",
    "GET /api/openapi.json",
    "GET /api/redoc",
    "GET /api/v1/auth/.well-known/jwks.json",
    "GET /api/v1/auth/verify-email",
    "GET /api/v1/health",
    "GET /health",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/login/mfa",
    "POST /api/v1/auth/password-reset",
    "POST /api/v1/auth/password-reset-request",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/refresh-token",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/verify-email/resend",
];
const ALSO_PUBLIC: &str = "POST /api/v1/auth/verify-email";

pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    all
}

#[tokio::test]
async fn every_route_that_is_not_public_answers_401_without_a_token() {
    let world = World::start().await;
    let mut walked = 0;
    for (method, path, operation) in operations(&document()) {
        let name = format!("{method} {path}");
        let is_public = operation.get("security").is_none();
        assert_eq!(is_public, PUBLIC.contains(&name.as_str()) || name == ALSO_PUBLIC, "{name}");
        if is_public {
            continue;
        }
        let method: Method = method.parse().unwrap();
        let bare = world.api.call(method.clone(), &path).send().await;
        let bare = bare.expect_failure(401, "AUTHENTICATION_FAILED");
        assert!(bare.header("www-authenticate").unwrap().starts_with("Bearer"));
        let forged = world.api.call(method, &path).token("eyJhbGciOiJub25lIn0.e30.").send().await;
        forged.expect_failure(401, "AUTHENTICATION_FAILED");
        walked += 1;
    }
    assert!(walked >= 11, "{walked}");
}

/// The path with the example of its parameter's kind in the parameter's place.
pub fn with_example(document: &Value, path: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "path").fold(path.to_owned(), |path, parameter| {
        let kind = parameter["schema"]["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let example = document["components"]["schemas"][kind]["examples"][0].as_str().unwrap_or("nothing");
        path.replace(&format!("{{{}}}", parameter["name"].as_str().unwrap()), example)
    })
}

/// A key of every scope but the one that an operation needs; it may read where writing is asked for.
fn all_but(needed: &str) -> Vec<String> {
    let (area, access) = needed.split_once(':').unwrap();
    let has = |scope: &Scope| scope.area.as_str() != area && scope.area != Area::Admin;
    let reads = (access == "write" && area != "admin").then(|| format!("{area}:read"));
    Scope::all().filter(has).map(|scope| scope.to_string()).chain(reads).collect()
}

#[tokio::test]
async fn no_key_does_what_it_was_not_made_for() {
    let world = World::start().await;
    let person = world.person("ada@example.com").await;
    let mut keys: HashMap<String, String> = HashMap::new();
    let mut walked = [0, 0];
    for (method, path, operation) in operations(&document()) {
        if operation.get("security").is_none() {
            continue;
        }
        let needed = operation.get("x-scope").and_then(Value::as_str).unwrap_or("profile:write");
        if !keys.contains_key(needed) {
            let scopes = all_but(needed);
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            keys.insert(needed.to_owned(), world.key(&person.access, &scopes).await.text);
        }
        let answer = world.api.call(method.parse().unwrap(), &path).token(&keys[needed]).send().await;
        let for_sessions = operation.get("x-scope").is_none();
        let code = if for_sessions { "SESSION_REQUIRED" } else { "INSUFFICIENT_SCOPE" };
        assert_eq!(answer.json["code"], code, "{method} {path}: {}", answer.text);
        answer.expect_failure(403, code);
        walked[usize::from(for_sessions)] += 1;
    }
    assert!(walked[0] >= 9 && walked[1] >= 10, "{walked:?}");
}

impl World {
    /// So many minutes after the start somebody has fresh tokens, and no limit is near.
    pub async fn minutes_later(&self, minutes: usize, person: &mut Person) {
        self.clock().set_offset_seconds(i64::try_from(minutes).unwrap() * (MINUTE + 1));
        let renewed = self.refresh(&person.refresh).await.expect(200);
        let text = |name: &str| renewed.data()[name].as_str().unwrap().to_owned();
        (person.access, person.refresh) = (text("accessToken"), text("refreshToken"));
    }
}

#[tokio::test]
async fn s0_validation_attached() {
    let world = World::start().await;
    // Bodies are read after rights.
    let mut person = world.staff("admin@example.com", &[Role::Administrator]).await;
    let document = document();
    let shapes = Shapes(&document);
    let mut walked = 0;
    for (method, path, operation) in operations(&document) {
        let path = with_example(&document, &path, &operation);
        let Some(schema) = shapes.body(&operation) else { continue };
        world.minutes_later(walked, &mut person).await;
        let method: Method = method.parse().unwrap();
        let send = |kind: &str, body: &str| {
            let call = world.api.call(method.clone(), &path).token(&person.access);
            call.header("content-type", kind).body(body).send()
        };
        send("application/json", "{\"a\":").await.expect_failure(400, "VALIDATION_ERROR");
        send("application/json", "[1]").await.expect_failure(400, "VALIDATION_ERROR");
        send("text/plain", "{}").await.expect_failure(415, "UNSUPPORTED_MEDIA_TYPE");
        for (field, body) in shapes.mistyped(schema) {
            let refused = send("application/json", &body.to_string()).await.expect_failure(400, "VALIDATION_ERROR");
            assert!(
                refused.json["details"][0]["field"].as_str().unwrap().starts_with(&field),
                "{path}: {}",
                refused.text
            );
        }
        walked += 1;
    }
    assert!(walked >= 9, "{walked}");
}

#[tokio::test]
async fn every_path_falls_under_exactly_one_prefix_of_the_template_and_of_the_watch_router() {
    let world = World::start().await;
    let cargo: toml::Value = toml::from_str(include_str!("../../Cargo.toml")).unwrap();
    let router = cargo["workspace"]["metadata"]["lambda"]["watch"]["router"].as_table().unwrap();
    let mut declared = 0;
    for function in &world.sandbox.template.functions {
        for route in &function.http_routes {
            let watch = match route.path.as_str() {
                "$default" => continue,
                path => path.replace("{proxy+}", "{*rest}"),
            };
            assert_eq!(router.get(&watch).and_then(|to| to.as_str()), Some(function.binary.as_str()), "{watch}");
            declared += 1;
        }
    }
    let to_docs = router.values().filter(|to| to.as_str() == Some("docs")).count();
    assert_eq!(router.len(), declared + to_docs, "the watch router has routes that the template has not");
    for (_, path, operation) in operations(&document()) {
        let owner = operation["tags"][0].as_str().unwrap();
        let fits = |declared: &str| {
            declared == path || declared.strip_suffix("{proxy+}").is_some_and(|prefix| path.starts_with(prefix))
        };
        let functions = world.sandbox.template.functions.iter();
        let owners: Vec<&str> = functions
            .filter(|function| function.http_routes.iter().any(|route| fits(&route.path)))
            .map(|function| function.binary.as_str())
            .collect();
        match owners.as_slice() {
            [] => assert_eq!(owner, "docs", "{path}"),
            [one] => assert_eq!(*one, owner, "{path}"),
            many => panic!("{path}: {many:?}"),
        }
    }
}
