//! What must hold of the whole, looked at from outside once a suite is over.

use checker::{Journal, Staff, Target};

use crate::finding::Finding;
use crate::ground::Ground;
use crate::people::{ADMINISTRATOR, ADMINISTRATORS_PASSWORD};

/// Violations that are shown.
const SHOWN: usize = 10;

/// Looks at a ground with demo accounts on which nothing goes on.
///
/// # Errors
/// It cannot be looked at.
pub async fn of(ground: &Ground, after: &str, journal: &Journal) -> Result<Finding, String> {
    let staff = Staff::Account { email: ADMINISTRATOR.to_owned(), password: ADMINISTRATORS_PASSWORD.to_owned() };
    let target = Target::new(ground.aws(), "local")
        .with_api(&ground.urls().api)
        .with_control(&ground.urls().control)
        .with_staff(staff)
        .at_rest();
    let told = checker::check(&target, journal).await.map_err(|error| error.to_string())?;
    let looked_at = told.iter().filter(|invariant| invariant.skipped.is_none());
    let (invariants, places) = looked_at.fold((0, 0), |(n, places), invariant| (n + 1, places + invariant.checked));
    let violations =
        told.iter().flat_map(|told| told.violations.iter().map(|violation| format!("{}: {violation}", told.name)));
    let violations: Vec<String> = violations.collect();
    let measured = format!("{invariants} invariants in {places} places, {} violations", violations.len());
    let holds = violations.is_empty() && places > 0;
    let shown = violations.into_iter().take(SHOWN).collect();
    Ok(Finding::new(format!("what must hold between items, after {after}"), "no violation", measured, holds)
        .with(shown))
}
