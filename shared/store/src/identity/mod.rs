//! How identity is kept. Keys: docs/DATA.md.

pub(crate) mod accounts;
pub(crate) mod administrators;
mod credentials;
mod guesses;
mod people;
mod proofs;
mod registrations;
pub(crate) mod roles;
mod sessions;

pub use accounts::ProfileRefusal;
pub use credentials::CredentialRefusal;
pub use guesses::Guess;
pub use people::{PersonChange, PersonRefusal};
pub use registrations::ActivationRefusal;
pub use roles::GrantRefusal;
