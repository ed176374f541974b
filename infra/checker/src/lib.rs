//! What must hold of a running Souk, seen from outside: read through the public API and the AWS API only, without a line
//! of the code that is judged. What it knows of items is what docs/DATA.md says.

mod error;
mod http;
mod invariant;
pub mod journal;
pub mod queues;
mod target;

pub use error::CheckError;
pub use invariant::Invariant;
pub use journal::Journal;
pub use target::Target;

use http::Http;

/// Looks at everything there is a way to. Reads, but for the deeds whose doc says otherwise; an invariant that there is no
/// way to see is told as skipped.
///
/// # Errors
/// When AWS, the API or the control port do not answer: nothing can be said then.
pub async fn check(target: &Target, journal: &Journal) -> Result<Vec<Invariant>, CheckError> {
    let http = Http::new()?;
    let depths = queues::depths(target).await?;
    Ok(vec![queues::none_lost(target, &http).await?, queues::none_dead(&depths, journal)])
}
