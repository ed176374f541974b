//! The local cloud: `cargo dev`. One process that stands in for API Gateway, Lambda's event sources, DynamoDB, SQS, S3
//! and SES, made from template.yaml, in front of the real function binaries.
//!
//! ```text
//! door (HTTP API) ──────┐
//! sources (stream, SQS) ┼─> functions::invoker ─> crate `runtime`, or cargo lambda ─> function processes
//!          ^            |                                                               |
//!          └──────────── cloud (AWS parts behind one tap) <─────────────────────────────┘
//! control (page and JSON for the developer) reads all of them; process keeps two of us apart; stack wires them together
//! ```

pub mod cloud;
mod control;
pub mod door;
mod error;
pub mod functions;
pub mod invocations;
mod keys;
mod options;
pub mod process;
pub mod seed;
pub mod sources;
mod stack;
pub mod template;

pub use error::StackError;
pub use options::{Build, DemoAccount, Options, Seed};
pub use stack::{Stack, Urls};
