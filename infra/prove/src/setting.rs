//! What was asked for.

use std::path::PathBuf;

use crate::parts::Part;

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// Every decision by chance follows from it.
    pub seed: u64,
    /// Samples in place of everything: minutes instead of an hour.
    pub short: bool,
    /// The parts that were asked for; empty: all that the form has.
    pub only: Vec<String>,
    /// The seeded defects that were asked for; empty: all.
    pub defects: Vec<String>,
    /// Runs of the sweep, by name, in place of those that it would choose.
    pub cases: Vec<String>,
    /// The folder of template.yaml.
    pub root: PathBuf,
    /// Where reports and logs go: `target/prove`.
    pub out: PathBuf,
    /// Where the findings go, when this is the optimised child of another prover.
    pub child: Option<PathBuf>,
}

impl Setting {
    /// Whether a part is to run.
    pub fn wants(&self, part: &Part) -> bool {
        match self.only.is_empty() {
            true => part.in_short || !self.short,
            false => self.only.iter().any(|name| name == part.name),
        }
    }
}
