//! Whom Souk talks to outside of it. Each partner has a module, and what it may be told is a type that holds nothing else.

pub mod mail;
pub mod webhook;
