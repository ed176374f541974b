//! What Souk promises, a file per noun; and suites that walk the whole surface.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod admin;
mod api_keys;
mod architecture;
mod bodies;
mod callers;
mod credentials;
mod docs;
mod entry_points;
mod enumeration;
mod events;
mod json_suite;
mod limits;
mod login;
mod mailer;
mod naughty;
mod notices;
mod once;
mod openapi;
mod preferences;
mod profile;
mod projector;
mod refresh;
mod registration;
mod relay;
mod shapes;
mod stack;
mod staff;
mod surface;
mod sweeper;
mod telling;
mod template;
mod tokens;
mod units;
mod world;
