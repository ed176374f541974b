//! The defects that are seeded: data, in list.toml.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// One breakage of one line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// As `--defect` names it.
    pub name: String,
    /// What is broken then, in a sentence.
    pub breaks: String,
    /// Where, from the workspace's root.
    pub file: String,
    /// Text within a line that occurs there exactly once.
    pub find: String,
    /// What stands there instead.
    pub replace: String,
    /// Which tests must notice: filters of their names, by package.
    pub tests: Selection,
}

/// Filters of tests' names, by package.
pub type Selection = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    defect: Vec<Defect>,
}

/// All defects, or those of these names.
pub fn wanted(names: &[String]) -> Result<Vec<Defect>, String> {
    let List { mut defect } =
        toml::from_str(include_str!("list.toml")).map_err(|error| format!("list.toml: {error}"))?;
    if let Some(unknown) = names.iter().find(|name| defect.iter().all(|defect| defect.name != **name)) {
        return Err(format!("there is no defect {unknown}; infra/prove/src/defects/list.toml has them all"));
    }
    defect.retain(|defect| names.is_empty() || names.contains(&defect.name));
    Ok(defect)
}

/// Every filter that one of the defects asks for.
pub fn all_tests(defects: &[Defect]) -> Selection {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (package, filters) in defects.iter().flat_map(|defect| &defect.tests) {
        all.entry(package.clone()).or_default().extend(filters.iter().cloned());
    }
    all.into_iter().map(|(package, filters)| (package, filters.into_iter().collect())).collect()
}

impl Defect {
    /// The file's text with the defect in it. An error where the source has moved on.
    pub fn seeded(&self, text: &str) -> Result<String, String> {
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.replace, 1)),
            found => Err(format!("{}: its text occurs {found} times in {}: {}", self.name, self.file, self.find)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_has_moved_on_or_stands_twice_is_told() {
        let defect = wanted(&["grace-endless".to_owned()]).unwrap().remove(0);
        assert!(defect.seeded("").unwrap_err().contains("occurs 0 times"));
        assert!(defect.seeded(&defect.find.repeat(2)).unwrap_err().contains("occurs 2 times"));
        assert_eq!(defect.seeded(&defect.find).unwrap(), defect.replace);
        assert!(wanted(&["no-such".to_owned()]).unwrap_err().contains("no-such"));
    }
}
