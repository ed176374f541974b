//! What Souk promises, a file per noun; and suites that walk the whole surface.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod bodies;
mod login;
mod openapi;
mod profile;
mod refresh;
mod registration;
mod surface;
mod tokens;
mod units;
mod world;
