//! The parts of a run, in the order in which they run.

use futures::future::BoxFuture;

use crate::defects;
use crate::finding::Finding;
use crate::flood;
use crate::load;
use crate::setting::Setting;
use crate::sweep;
use crate::twins;

/// What a part found, or what troubled the prover.
pub type Ran<'a> = BoxFuture<'a, Result<Vec<Finding>, String>>;

/// One part.
pub struct Part {
    /// As `--only` names it.
    pub name: &'static str,
    /// What it shows, in a line.
    pub shows: &'static str,
    /// Whether the short form has it.
    pub in_short: bool,
    /// Does it. An error is trouble of the prover itself; what does not hold is a finding.
    pub run: for<'a> fn(&'a Setting) -> Ran<'a>,
}

/// All parts.
pub const ALL: &[Part] = &[sweep::PART, twins::PART, flood::PART, load::PART, load::replay::PART, defects::PART];
