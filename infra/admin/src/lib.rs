//! The operator's tool, the same against `cargo dev` and AWS. Each command is a function here that answers what it found
//! or did; the binary only prints that. It has the rights of whoever runs it and is no part of what is deployed.
//!
//! ```text
//! cli ── what is asked for        target ── of which stage, and the way there
//!   dead_letters, replay, rebuild, check, first_administrator, keys ── what is done
//! show ── what is printed
//! ```

pub mod check;
pub mod cli;
pub mod dead_letters;
mod error;
pub mod first_administrator;
pub mod keys;
pub mod rebuild;
pub mod replay;
pub mod resend;
pub mod show;
pub mod target;

pub use error::AdminError;
pub use target::{Souk, Target};
