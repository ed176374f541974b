//! What must hold of a running Souk, seen from outside: read through the public API and the AWS API only, without a line
//! of the code that is judged. What it knows of items is what docs/DATA.md says.

mod invariant;

pub use invariant::Invariant;
