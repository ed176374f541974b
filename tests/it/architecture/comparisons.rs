//! A secret compared with `==` answers sooner the earlier it differs, which no test of behaviour can see. So this reads the
//! sources: what is compared there must not have a secret's name.

use std::path::{Path, PathBuf};

/// What secrets, and what is made of them, are called.
const SECRETS: [&str; 9] =
    ["mac", "hash", "digest", "secret", "expose_secret", "reveal", "signature", "token", "recovery"];
/// Calls that only show the same thing otherwise.
const SHOWN_AS: [&str; 9] =
    ["as_bytes", "as_ref", "as_slice", "as_str", "bytes", "clone", "to_string", "to_vec", "into_bytes"];
const COMPARISONS: [&str; 4] = ["==", "!=", ".eq(", ".ne("];

#[test]
fn no_secret_is_compared_by_equality() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = 0;
    for path in ["shared", "functions"].iter().flat_map(|folder| sources(&root.join(folder))) {
        let text = std::fs::read_to_string(&path).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        for line in product.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let compared = compared(line);
            seen += compared.len();
            let secret = compared.iter().find(|name| SECRETS.contains(&name.as_str()));
            assert_eq!(secret, None, "{}: compare it in constant time: {line}", path.display());
        }
    }
    assert!(seen > 200, "{seen} operands were looked at");
}

#[test]
fn what_is_compared_is_known_by_its_name() {
    for (line, names) in [
        ("self.mac(message) == mac", ["mac", "mac"]),
        ("if !known && self.0.expose_secret().as_bytes() != other.as_str() {", ["expose_secret", "other"]),
        ("keys.iter().find(|key| key.hash.clone() == hash(&a.b(c)))", ["hash", "hash"]),
        ("given.token.eq(&kept.secret)", ["token", "secret"]),
        ("header.alg == \"ES256\"", ["alg", ""]),
        ("body.len() == SECRET", ["len", "SECRET"]),
    ] {
        assert_eq!(compared(line), names, "{line}");
    }
    assert!(compared("a.ct_eq(b) && c <= d && e >= f").is_empty());
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => Some(path).filter(|path| path.extension().is_some_and(|end| end == "rs")).into_iter().collect(),
    });
    found.collect()
}

/// The names of both sides of each comparison in a line.
fn compared(line: &str) -> Vec<String> {
    let places = COMPARISONS.iter().flat_map(|comparison| line.match_indices(comparison));
    let names = places.flat_map(|(at, comparison)| {
        let left: Vec<char> = operand(line[..at].chars().rev(), ')');
        let right = operand(line[at + comparison.len()..].chars(), '(');
        [left.into_iter().rev().collect::<String>(), right.into_iter().collect()].map(|operand| name(&operand))
    });
    names.collect()
}

/// The characters of a chain like `self.mac(message)`, without what is in its brackets, as far as it goes.
fn operand(chars: impl Iterator<Item = char>, inwards: char) -> Vec<char> {
    let mut depth = 0;
    let mut found = Vec::new();
    for c in chars.skip_while(|c| c.is_whitespace()) {
        match c {
            '(' | ')' if c == inwards => depth += 1,
            '(' | ')' if depth == 0 => break,
            '(' | ')' => depth -= 1,
            _ if depth > 0 => {}
            _ if c.is_alphanumeric() || "_.:&*?".contains(c) => found.push(c),
            _ => break,
        }
    }
    found
}

/// What is shown in the end: `hash` of `self.hash.as_bytes`.
fn name(operand: &str) -> String {
    let mut parts = operand.split(['.', ':', '&', '*', '?']);
    parts.rfind(|part| !part.is_empty() && !SHOWN_AS.contains(part)).unwrap_or_default().to_owned()
}
