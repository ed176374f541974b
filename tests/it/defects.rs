//! The list of seeded defects keeps up with the sources; `cargo prove --only defects` seeds them.

use std::collections::BTreeSet;
use std::path::Path;

fn list() -> Vec<toml::Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/prove/src/defects/list.toml");
    let list: toml::Value = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    list["defect"].as_array().unwrap().clone()
}

#[test]
fn every_seeded_defect_still_has_its_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut names = BTreeSet::new();
    for defect in list() {
        let text = |field: &str| defect[field].as_str().unwrap().to_owned();
        let (name, find, replace) = (text("name"), text("find"), text("replace"));
        let source = std::fs::read_to_string(root.join(text("file"))).unwrap();
        assert_eq!(source.matches(&find).count(), 1, "{name}: {find}");
        assert!(find != replace && !find.contains('\n') && !replace.contains('\n'), "{name}: one line for one");
        assert!(names.insert(name.clone()), "{name} stands twice");
        let tests = defect["tests"].as_table().unwrap();
        let chosen = tests.values().flat_map(|filters| filters.as_array().unwrap());
        assert!(chosen.count() > 0, "{name}: who is to notice?");
    }
    assert!(names.len() >= 12, "{} defects", names.len());
}
