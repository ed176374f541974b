//! How identity is kept. Keys: docs/DATA.md.

pub(crate) mod accounts;
mod activity;
pub(crate) mod administrators;
mod api_keys;
mod credentials;
pub(crate) mod deliveries;
mod directory;
pub(crate) mod endpoints;
mod factors;
mod guesses;
pub(crate) mod notices;
mod people;
mod preferences;
mod proofs;
mod registrations;
pub(crate) mod roles;
mod sessions;
pub(crate) mod views;

pub use accounts::ProfileRefusal;
pub use api_keys::{EndedKey, KeyRefusal};
pub use credentials::{Closing, CredentialRefusal};
pub use deliveries::{AttemptClaim, WantedDeliveries};
pub use directory::{Begin, People};
pub use endpoints::EndpointRefusal;
pub use factors::{FactorAct, FactorRefusal};
pub use guesses::Guess;
pub use notices::Wanted;
pub use people::{CredentialAct, Link, PersonChange, PersonRefusal};
pub use preferences::PreferencesChanged;
pub use registrations::ActivationRefusal;
pub use roles::GrantRefusal;
pub use views::{Counted, Counters, FOUND_MAX, Found, Thoroughness};
