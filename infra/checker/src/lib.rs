//! What must hold of a running Souk, seen from outside: read through the public API and the AWS API only, without a line
//! of the code that is judged. What it knows of items is what docs/DATA.md says.

mod api;
mod between;
mod book;
mod chains;
mod deeds;
mod error;
mod http;
mod invariant;
mod item;
pub mod journal;
mod notices;
pub mod queues;
mod staff_see;
mod suspect;
mod table;
mod target;
mod trail;
mod unique;

pub use chains::{ONE_CHAIN, sessions_are_chains};
pub use error::CheckError;
pub use invariant::Invariant;
pub use journal::Journal;
pub use target::{Staff, Target};

use api::Api;
use deeds::Ground;
use http::Http;
use table::Table;

/// Looks at everything there is a way to. Reads, but for the deeds whose doc says otherwise; an invariant that there is no
/// way to see is told as skipped. The money's invariants join here: they are further rules between items.
///
/// # Errors
/// When AWS, the API or the control port do not answer: nothing can be said then.
pub async fn check(target: &Target, journal: &Journal) -> Result<Vec<Invariant>, CheckError> {
    let http = Http::new()?;
    let waiting = queues::waiting(target).await?;
    let mut told = vec![queues::none_lost(target, &http).await?];
    let table = Table::of(target);
    let (between, book) = between::check(&table, &waiting.depths, target.rest).await?;
    told.extend(between);
    let api = Api::of(target, &http);
    let staff = match (&api, &target.staff) {
        (Some(api), Some(staff)) => Some(api.staff(staff).await?),
        _ => None,
    };
    let mut ground = Ground { target, table: &table, book: &book, http: &http, api, staff };
    told.push(staff_see::every_entry(&mut ground).await?);
    told.extend(deeds::check(&mut ground, journal).await?);
    told.push(queues::none_dead(&waiting, journal));
    Ok(told)
}
