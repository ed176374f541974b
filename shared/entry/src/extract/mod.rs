//! What handlers take as arguments, validated before they run.

mod body;
mod change;
mod checked;
mod if_match;
mod path;
mod query;

pub use body::{Body, OptionalBody};
pub use change::Change;
pub use checked::Checked;
pub use if_match::IfMatch;
pub use path::Path;
pub use query::Query;

use domain::{Detail, Failure};

/// Everything that is wrong with a request, at once.
fn all_of(report: &garde::Report) -> Failure {
    let details = report.iter().map(|(path, error)| Detail { field: path.to_string(), message: error.to_string() });
    Failure::validation(details.collect())
}
