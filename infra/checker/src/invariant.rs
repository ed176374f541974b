//! One thing that must hold, and what was found.

use serde::Serialize;

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invariant {
    /// In words.
    pub name: &'static str,
    /// How many were looked at.
    pub checked: u64,
    /// Where it does not hold, in sentences.
    pub violations: Vec<String>,
    /// Why it could not be looked at here, if so.
    pub skipped: Option<String>,
}
