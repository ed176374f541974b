//! The local cloud, driven as its users drive it: the template by files, the cloud by the SDKs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by a panic")]

mod cloud;
mod stack;
mod template;
