//! How identity is kept. Keys: docs/DATA.md.

pub(crate) mod accounts;
mod guesses;
pub(crate) mod registrations;
pub(crate) mod roles;
mod sessions;

pub use accounts::ProfileRefusal;
pub use guesses::Guess;
pub use registrations::{ActivationRefusal, Pending};
pub use roles::GrantRefusal;
