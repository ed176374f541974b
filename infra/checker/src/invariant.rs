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

impl Invariant {
    /// One that was looked at in so many places.
    pub(crate) fn looked_at(name: &'static str, checked: usize, violations: Vec<String>) -> Self {
        Invariant { name, checked: u64::try_from(checked).unwrap_or(u64::MAX), violations, skipped: None }
    }

    /// One that cannot be looked at here.
    pub(crate) fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Invariant { name, checked: 0, violations: Vec::new(), skipped: Some(why.into()) }
    }

    /// Whether nothing was found against it. One that was skipped shows nothing and breaks nothing.
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }
}
