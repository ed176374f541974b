//! Everything between AWS Lambda and a handler, so that each function's `main.rs` is one line:
//!
//! ```text
//! fn main() -> std::process::ExitCode { entry::http(auth::routes()) }
//! ```
//!
//! A handler sees typed arguments (caller, body, query, path), answers a value or a failure, and never meets an event,
//! an environment variable, a header or a log line.

mod about;
pub mod api_key;
mod app;
mod around;
mod aws;
mod batch;
mod caller;
mod clock;
mod cors;
mod degraded;
mod document;
mod envelope;
mod environment;
mod extract;
pub mod keys;
mod limit;
mod log;
mod once;
pub mod one_time;
pub mod openapi;
mod origin;
mod problem;
mod records;
mod routes;
mod run;
mod scheduled;
mod seal;
pub mod token;
pub mod totp;

pub use about::About;
pub use app::{App, Start};
pub use around::serve;
pub use aws::Aws;
pub use batch::{answer_messages, answer_records};
pub use caller::{Administrator, As, Caller, Callers, Credential, Guarded, Operator, Right, SignedIn, area};
pub use clock::Clock;
pub use degraded::Degraded;
pub use document::Document;
pub use envelope::{Accepted, Created, Envelope, Nothing, Shown};
pub use environment::{Environment, Settings, StartError};
pub use extract::{
    Body, Change, Checked, IfMatch, Inner, Keyed, OptionalBody, Pagination, Paging, Path, Query, cursors,
};
pub use keys::Keyring;
pub use limit::{Anonymous, ByAddress, Limiter, Meter, Principal, Rate, Reading, SigningIn};
pub use once::{Attempt, Once, twin_is_running};
pub use origin::Origin;
pub use problem::Problem;
pub use records::Record;
pub use routes::Routes;
pub use run::{http, schedule, schedule_and_sqs, sqs, stream};
pub use scheduled::{answer_schedule, answer_schedule_or_messages};

/// What handlers answer.
pub type Answer<T> = Result<T, Problem>;
