//! What the control plane promises, tested with real processes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by a panic")]

mod context;
mod faults;
mod fixture;
mod invoke_api;
mod limits;
mod load;
mod processes;
mod replacement;
