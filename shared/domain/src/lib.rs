//! What is true in Souk, whoever asks and wherever it is kept: types that are valid by construction, and decisions as
//! plain functions of values. Nothing here is async, knows AWS, or reads a clock, a setting or chance (`clippy.toml`
//! beside this crate forbids them).

pub mod audit;
pub mod due;
pub mod error;
pub mod event;
pub mod id;
pub mod identity;
pub mod ledger;
pub mod page;
pub mod rate;
pub mod text;
pub mod time;

pub use error::{Code, Detail, Failure};
pub use id::Id;
pub use text::Invalid;
pub use time::Time;
