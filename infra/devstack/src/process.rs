//! What keeps one `cargo dev` out of another's way, and its own remains out of the next one's.

pub mod children;
pub mod lock;
pub mod ports;
pub mod stop;
