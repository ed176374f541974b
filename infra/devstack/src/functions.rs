//! The functions: built, put in place, run, and built anew when a source changes.

pub mod cargo_build;
pub mod cargo_lambda;
pub mod installed;
pub mod invoker;
pub mod sources_changed;
