//! What a route says of itself in the document, beyond what its signature says.

use domain::Code;

/// The words of one operation.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// A few words.
    pub summary: &'static str,
    /// What a caller must know.
    pub description: &'static str,
    /// Failures of its own; those of its arguments come with them.
    pub errors: &'static [Code],
}
