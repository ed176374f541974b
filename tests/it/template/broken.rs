//! Each rule fails on the small template that breaks it, and on nothing else there.

use std::collections::BTreeSet;

use super::{RULES, load, root, violations};

#[test]
fn each_rule_is_broken_by_its_template_alone() {
    let folder = root().join("tests/templates");
    for (rule, _) in RULES {
        let path = folder.join(format!("{rule}.yaml"));
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // The first line says which resource breaks the rule.
        let culprit = source.lines().next().and_then(|line| line.strip_prefix("# Broken by: ")).unwrap();
        assert_eq!(violations(&load(&path, &[])), [format!("{rule}: {culprit}")]);
    }
}

#[test]
fn each_broken_template_has_its_rule() {
    let files = std::fs::read_dir(root().join("tests/templates")).unwrap();
    let names: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, RULES.iter().map(|(rule, _)| format!("{rule}.yaml")).collect());
}
