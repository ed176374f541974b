//! What the architecture forbids, this forbids.

mod comparisons;

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).other_options(vec!["--locked".into()]).exec().unwrap()
}

/// Normal dependencies of each member, and the folder that it lies in.
fn members(metadata: &Metadata) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let packages = metadata.workspace_packages().into_iter().map(|package| {
        let folder = package.manifest_path.parent().unwrap().strip_prefix(&metadata.workspace_root).unwrap();
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        (package.name.to_string(), (folder.to_string(), normal.map(|dependency| dependency.name.clone()).collect()))
    });
    packages.collect()
}

#[test]
fn dependencies_point_inwards_only() {
    let members = members(&metadata());
    let rank = |name: &str| {
        let (folder, _) = members.get(name)?;
        Some(match (name, folder.split('/').next()?) {
            ("domain", _) => 0,
            ("bench" | "prove", _) => 6,
            // What judges knows nothing of what it judges.
            ("checker", _) => -1,
            ("store" | "queue" | "blobs" | "partners", _) => 1,
            ("entry", _) => 2,
            (_, "functions") => 3,
            (_, "infra") => 4,
            ("testkit", _) => 5,
            _ => 6,
        })
    };
    for (name, (_, dependencies)) in &members {
        for dependency in dependencies.iter().filter(|dependency| members.contains_key(*dependency)) {
            let inwards = rank(dependency) < rank(name);
            // The profile is one thing under two prefixes; and the local cloud is made of two crates.
            let known = [("auth", "users"), ("devstack", "runtime")].contains(&(name.as_str(), dependency.as_str()));
            assert!(inwards || known, "{name} -> {dependency}");
            let local =
                members[name].0.starts_with("infra") || members[name].0.starts_with("tests") || name == "testkit";
            let of_functions = members[dependency].0.starts_with("functions");
            assert!(!(name == "devstack" && of_functions), "the local cloud knows functions by their binaries only");
            assert!(local || !members[dependency].0.starts_with("infra"), "{name} -> {dependency}");
        }
    }
}

#[test]
fn each_aws_service_has_one_crate_that_knows_it() {
    let owners = [
        ("aws-sdk-dynamodb", &["store"][..]),
        ("aws-sdk-sqs", &["queue"]),
        ("aws-sdk-s3", &["blobs"]),
        ("aws-sdk-sesv2", &["partners"]),
        ("aws-sdk-ssm", &["entry"]),
        ("reqwest", &["partners"]),
        ("lambda_runtime", &["entry"]),
        ("lambda_http", &["entry"]),
    ];
    for (name, (folder, dependencies)) in members(&metadata()) {
        let is_product = folder.starts_with("functions") || (folder.starts_with("shared") && name != "testkit");
        for (service, allowed) in owners.iter().filter(|_| is_product) {
            assert!(!dependencies.contains(*service) || allowed.contains(&name.as_str()), "{name} -> {service}");
        }
    }
}

#[test]
fn the_domain_is_pure() {
    let (_, dependencies) = &members(&metadata())["domain"];
    for forbidden in ["tokio", "futures", "rand", "getrandom", "aws-lc-rs", "aws-config", "http", "axum", "tracing"] {
        assert!(!dependencies.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn versions_stand_once_and_only_functions_are_default() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, (folder, _)) in members(&metadata()) {
        let manifest: toml::Value =
            toml::from_str(&std::fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap()).unwrap();
        for table in ["dependencies", "dev-dependencies"] {
            for (dependency, line) in manifest.get(table).and_then(|table| table.as_table()).into_iter().flatten() {
                let from_workspace = line.get("workspace").and_then(|value| value.as_bool());
                assert_eq!(from_workspace, Some(true), "{name}: {dependency}");
            }
        }
    }
    let manifest: toml::Value = toml::from_str(&std::fs::read_to_string(root.join("Cargo.toml")).unwrap()).unwrap();
    let default = manifest["workspace"]["default-members"].as_array().unwrap();
    for folder in default {
        let folder = folder.as_str().unwrap();
        assert!(!folder.starts_with("infra"), "{folder}: its binaries are no functions");
    }
}

/// Licences that a dependency may have; all permissive.
const LICENCES: [&str; 14] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Zlib",
    "CC0-1.0",
    "0BSD",
    "Unlicense",
    "CDLA-Permissive-2.0",
    "MIT-0",
    "BSL-1.0",
];

#[test]
fn every_licence_is_permissive_and_no_banned_crate_is_linked() {
    let metadata = metadata();
    for package in &metadata.packages {
        let licence = package.license.clone().unwrap_or_default().replace('/', " OR ");
        let alternatives = licence.split(" OR ").map(|text| text.trim_matches(|c| c == '(' || c == ')' || c == ' '));
        let fits = |alternative: &str| {
            alternative
                .split(" AND ")
                .all(|part| LICENCES.contains(&part.trim_matches(|c| c == '(' || c == ')' || c == ' ')))
        };
        assert!(alternatives.into_iter().any(fits), "{}: {licence:?}", package.name);
        for banned in ["openssl", "native-tls", "rsa", "chrono-tz"] {
            assert_ne!(package.name.as_str(), banned);
        }
    }
}

#[test]
fn every_function_has_a_payload() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (name, (folder, _)) in members(&metadata()) {
        if folder.starts_with("functions") {
            let payload = std::fs::read_to_string(root.join(format!("events/{name}.json"))).unwrap_or_default();
            assert!(serde_json::from_str::<serde_json::Value>(&payload).is_ok(), "events/{name}.json");
        }
    }
}
