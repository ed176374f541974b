//! How identity is kept. Keys: docs/DATA.md.

pub(crate) mod accounts;
mod credentials;
mod guesses;
mod proofs;
mod registrations;
pub(crate) mod roles;
mod sessions;

pub use accounts::ProfileRefusal;
pub use credentials::CredentialRefusal;
pub use guesses::Guess;
pub use registrations::ActivationRefusal;
pub use roles::GrantRefusal;
