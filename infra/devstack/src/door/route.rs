//! Which function answers a request: exact routes before greedy ones, the longest greedy one first, `$default` last.

use std::collections::BTreeMap;

/// Every route of the HTTP API.
#[derive(Debug, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    /// As the event shows it: `ANY /api/v1/auth/{proxy+}`.
    key: String,
    /// `None` is `ANY`.
    method: Option<String>,
    pattern: Pattern,
    function: String,
}

#[derive(Debug)]
enum Pattern {
    Segments { segments: Vec<Segment>, greedy: Option<String> },
    Default,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    Variable(String),
}

/// The route that was found.
#[derive(Debug, PartialEq)]
pub struct Match<'a> {
    pub function: &'a str,
    pub route_key: &'a str,
    pub path_parameters: BTreeMap<String, String>,
}

impl RouteTable {
    /// A table of `(method, path, function)`; method `ANY` takes all, path `$default` takes what is left.
    pub fn new<'a>(routes: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Self {
        let mut routes: Vec<Route> = routes.into_iter().map(Route::new).collect();
        routes.sort_by_key(|route| std::cmp::Reverse(route.rank()));
        Self { routes }
    }

    /// The route for a decoded path. `None` only without a `$default` route: the gateway's own 404.
    pub fn find(&self, method: &str, path: &str) -> Option<Match<'_>> {
        self.routes.iter().find_map(|route| {
            if route.method.as_deref().is_some_and(|wanted| wanted != method) {
                return None;
            }
            let path_parameters = route.pattern.capture(path)?;
            Some(Match { function: &route.function, route_key: &route.key, path_parameters })
        })
    }
}

impl Route {
    fn new((method, path, function): (&str, &str, &str)) -> Self {
        let method = method.to_ascii_uppercase();
        let key = if path == "$default" { path.to_owned() } else { format!("{method} {path}") };
        Self {
            key,
            method: (method != "ANY").then_some(method),
            pattern: Pattern::parse(path),
            function: function.to_owned(),
        }
    }

    /// Greater is more specific: full matches, then greedy ones by length, then `$default`; a named method wins a tie.
    fn rank(&self) -> (u8, usize, usize, bool) {
        let named = self.method.is_some();
        match &self.pattern {
            Pattern::Default => (0, 0, 0, named),
            Pattern::Segments { segments, greedy } => {
                let literals = segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
                (if greedy.is_some() { 1 } else { 2 }, segments.len(), literals, named)
            }
        }
    }
}

impl Pattern {
    fn parse(path: &str) -> Self {
        if path == "$default" {
            return Self::Default;
        }
        let mut segments = Vec::new();
        let mut greedy = None;
        for part in path.trim_start_matches('/').split('/') {
            match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => greedy = Some(name.to_owned()),
                    None => segments.push(Segment::Variable(name.to_owned())),
                },
                None => segments.push(Segment::Literal(part.to_owned())),
            }
        }
        Self::Segments { segments, greedy }
    }

    fn capture(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let Self::Segments { segments, greedy } = self else { return Some(BTreeMap::new()) };
        let mut captured = BTreeMap::new();
        let mut rest = Some(path.strip_prefix('/')?);
        for segment in segments {
            let (part, after) = split_segment(rest?);
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Variable(name) if !part.is_empty() => {
                    captured.insert(name.clone(), part.to_owned());
                }
                _ => return None,
            }
            rest = after;
        }
        match (greedy, rest) {
            // A greedy variable takes at least one character: `/x/` is the exact route's, if anyone's.
            (Some(name), Some(rest)) if !rest.is_empty() => {
                captured.insert(name.clone(), rest.to_owned());
                Some(captured)
            }
            (None, None | Some("")) => Some(captured),
            _ => None,
        }
    }
}

fn split_segment(path: &str) -> (&str, Option<&str>) {
    match path.split_once('/') {
        Some((part, rest)) => (part, Some(rest)),
        None => (path, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> RouteTable {
        RouteTable::new([
            ("ANY", "$default", "docs"),
            ("ANY", "/api/v1/{proxy+}", "rest"),
            ("ANY", "/api/v1/auth/{proxy+}", "auth"),
            ("ANY", "/api/v1/auth", "auth"),
            ("GET", "/api/v1/auth/me", "me"),
            ("ANY", "/api/v1/auth/{id}", "one"),
        ])
    }

    fn found(method: &str, path: &str) -> String {
        table().find(method, path).map(|found| found.function.to_owned()).unwrap_or_default()
    }

    #[test]
    fn the_more_specific_route_wins() {
        assert_eq!(found("GET", "/api/v1/auth"), "auth");
        assert_eq!(found("GET", "/api/v1/auth/me"), "me");
        assert_eq!(found("POST", "/api/v1/auth/me"), "one");
        assert_eq!(found("GET", "/api/v1/auth/me/more"), "auth");
        assert_eq!(found("GET", "/api/v1/authority"), "rest");
        assert_eq!(found("GET", "/"), "docs");
        assert_eq!(found("GET", "*"), "docs");
        assert_eq!(found("GET", ""), "docs");
    }

    #[test]
    fn the_greedy_variable_keeps_its_slashes() {
        let table = table();
        let found = table.find("PUT", "/api/v1/auth/a/b//c/");
        let parameters = BTreeMap::from([("proxy".to_owned(), "a/b//c/".to_owned())]);
        assert_eq!(
            found,
            Some(Match { function: "auth", route_key: "ANY /api/v1/auth/{proxy+}", path_parameters: parameters })
        );
    }

    #[test]
    fn without_a_default_route_nothing_is_found() {
        let table = RouteTable::new([("ANY", "/x", "x")]);
        assert_eq!(table.find("GET", "/y"), None);
        assert!(table.find("GET", "/x/").is_some());
    }
}
