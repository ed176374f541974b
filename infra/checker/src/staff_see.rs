//! The trail as staff read it is the trail: the list that they read by is an index, which could lack what the items hold.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::deeds::Ground;
use crate::notices::{millis, time_part};
use crate::{CheckError, Invariant};

const NAME: &str = "staff see every entry of the trail";

/// What GET /users/audit answers unless asked otherwise, less an hour.
const SPAN_MS: i64 = (90 * 24 - 1) * 60 * 60 * 1000;
/// The index follows the items; in AWS within a second.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5)];

/// Every entry among the items is in the list, looked for three times.
pub(crate) async fn every_entry(ground: &mut Ground<'_>) -> Result<Invariant, CheckError> {
    let (Some(api), Some(staff)) = (ground.api.as_ref(), ground.staff.as_ref()) else {
        return Ok(Invariant::skipped(NAME, "it takes the public API and the token of an administrator"));
    };
    let since = Timestamp::now().as_millisecond() - SPAN_MS;
    let is_recent = |id: &&String| time_part(id).and_then(millis).is_some_and(|at| at > since);
    let entries = ground.book.trail.values().flat_map(|acts| acts.keys()).filter(is_recent);
    let mut missing: BTreeSet<&String> = entries.collect();
    let looked_at = missing.len();
    for pause in LOOKS {
        if missing.is_empty() {
            break;
        }
        tokio::time::sleep(pause).await;
        let seen = api.every("/users/audit", "entries", staff).await?;
        let seen: BTreeSet<&str> = seen.iter().filter_map(|entry| entry["id"].as_str()).collect();
        missing.retain(|id| !seen.contains(id.as_str()));
    }
    let violations = missing.into_iter().map(|id| format!("{id} is among the items, and GET /users/audit lacks it"));
    Ok(Invariant::looked_at(NAME, looked_at, violations.collect()))
}
