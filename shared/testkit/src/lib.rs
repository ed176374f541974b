//! What tests stand on: the AWS parts of the local cloud in memory, made from template.yaml, fresh for each test; the same
//! start as in production with other settings; requests straight into the router.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod sandbox;

pub use api::{Answer, Api, Call};
pub use sandbox::{Sandbox, Spent, sdk_config};
