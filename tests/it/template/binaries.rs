//! `cargo lambda build --release` makes one `bootstrap` per function of the template, and no other.

use std::collections::BTreeMap;

use cargo_metadata::{MetadataCommand, TargetKind};

use super::{everything, of_kind};

/// Binaries of `functions/`, with the number of packages that make one of that name.
fn binaries() -> BTreeMap<String, usize> {
    let manifest = super::root().join("Cargo.toml");
    let metadata =
        MetadataCommand::new().manifest_path(manifest).other_options(vec!["--locked".into()]).exec().unwrap();
    let functions = metadata.workspace_root.join("functions");
    let mut found = BTreeMap::new();
    for package in metadata.workspace_default_packages() {
        for target in package.targets.iter().filter(|target| target.kind.contains(&TargetKind::Bin)) {
            assert!(package.manifest_path.starts_with(&functions), "{} would be built as a function", target.name);
            *found.entry(target.name.clone()).or_default() += 1;
        }
    }
    found
}

#[test]
fn each_function_has_one_binary_of_its_own_and_each_binary_its_function() {
    let template = everything();
    let mut declared: BTreeMap<String, usize> = BTreeMap::new();
    for function in &template.functions {
        *declared.entry(function.binary.clone()).or_default() += 1;
        assert_eq!(function.name, format!("souk-prod-{}", function.binary), "names follow their binaries");
    }
    assert_eq!(declared, binaries());
    assert!(declared.values().all(|count| *count == 1), "{declared:?}");
    assert_eq!(of_kind(&template, "AWS::Serverless::Function").count(), declared.len());
}
