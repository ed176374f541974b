//! What handlers take as arguments, validated before they run.

mod body;
mod change;
mod checked;
mod if_match;
mod keyed;
mod paging;
mod path;
mod query;

pub use body::{Body, OptionalBody};
pub use change::Change;
pub use checked::Checked;
pub use if_match::IfMatch;
pub use keyed::{Keyed, RequestKey};
pub use paging::{Pagination, Paging, cursors};
pub use path::{Inner, Path};
pub use query::Query;

use domain::{Detail, Failure};

/// Everything that is wrong with a request, at once.
fn all_of(report: &garde::Report) -> Failure {
    let details =
        report.iter().map(|(path, error)| Detail { field: camel_case(&path.to_string()), message: error.to_string() });
    Failure::validation(details.collect())
}

/// Rules know fields by their Rust names; callers know them by their names in JSON.
fn camel_case(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    let mut upper = false;
    for c in path.chars() {
        match c {
            '_' => upper = true,
            _ if upper => {
                name.extend(c.to_uppercase());
                upper = false;
            }
            _ => name.push(c),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_by_their_names_in_json() {
        assert_eq!(camel_case("social_links[2].avatar_url"), "socialLinks[2].avatarUrl");
    }
}
