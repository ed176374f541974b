//! How identity is kept. Keys: docs/DATA.md.

mod accounts;
mod guesses;
mod registrations;
mod sessions;

pub use accounts::ProfileRefusal;
pub use guesses::Guess;
pub use registrations::{ActivationRefusal, Pending};
