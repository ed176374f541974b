//! How identity is kept. Keys: docs/DATA.md.

mod accounts;
mod credentials;
mod guesses;
mod proofs;
mod registrations;
mod sessions;

pub use accounts::ProfileRefusal;
pub use credentials::CredentialRefusal;
pub use guesses::Guess;
pub use registrations::ActivationRefusal;
