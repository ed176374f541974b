//! Every path has one owner.

use std::collections::BTreeMap;

use devstack::template::Template;

const REST: &str = "/{proxy+}";
const LEFT_OVER: &str = "$default";

/// Prefixes of which a function owns the root without the rest, or the other way round, and `$default` when nobody has
/// what is left over: such requests would get API Gateway's answer instead of ours.
pub fn without_owner(template: &Template) -> Vec<String> {
    let mut orphans = Vec::new();
    let mut has_left_over = false;
    for function in &template.functions {
        let paths =
            || function.http_routes.iter().filter(|route| route.method == "ANY").map(|route| route.path.as_str());
        has_left_over |= paths().any(|path| path == LEFT_OVER);
        for route in function.http_routes.iter().filter(|route| route.path != LEFT_OVER) {
            let twin = match route.path.strip_suffix(REST) {
                Some(root) => root.to_owned(),
                None => format!("{}{REST}", route.path),
            };
            if route.method != "ANY" || !paths().any(|path| path == twin) {
                orphans.push(route.path.clone());
            }
        }
    }
    let serves = template.functions.iter().any(|function| !function.http_routes.is_empty());
    if serves && !has_left_over {
        orphans.push(LEFT_OVER.to_owned());
    }
    orphans
}

/// Paths that more than one function claims, also by a prefix of a prefix.
pub fn owned_twice(template: &Template) -> Vec<String> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut twice = Vec::new();
    for function in &template.functions {
        for route in function.http_routes.iter().filter(|route| !route.path.ends_with(REST)) {
            let clash = owners.iter().any(|(path, owner)| {
                *owner != function.logical_id
                    && (*path == route.path || under(path, &route.path) || under(&route.path, path))
            });
            if clash {
                twice.push(route.path.clone());
            }
            owners.insert(&route.path, &function.logical_id);
        }
    }
    twice
}

fn under(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}
