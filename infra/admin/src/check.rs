//! Whether everything fits together: what the checker sees from outside, and beside it what takes the code's own knowledge.
//! Reads only.

use checker::{Invariant, Journal, Staff, Target};
use serde::Serialize;
use store::walk::{Place, Walked, What};

use crate::{AdminError, Souk};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Items of table core.
    pub items: u64,
    /// Each invariant.
    pub invariants: Vec<Invariant>,
}

/// Ways beside AWS; what has none is told as skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// The public API, as `https://api.example.com`.
    pub api: Option<String>,
    /// The control port of a local cloud.
    pub control: Option<String>,
    /// An administrator's access token or API key, for the trail as staff see it.
    pub staff_token: Option<StaffToken>,
}

/// Opens what staff see; not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffToken(pub String);

impl std::fmt::Debug for StaffToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaffToken(…)")
    }
}

/// The name of what the checker looks at last.
pub const DEAD_LETTERS: &str = checker::queues::NONE_DEAD;
/// The name of what only the code knows.
pub const ITEM_IS_KNOWN: &str = "every item is of a known kind and schema";

impl Checked {
    /// Whether everything holds.
    pub fn is_clean(&self) -> bool {
        self.invariants.iter().all(Invariant::holds)
    }
}

/// Checks everything there is a way to. Keeps a few hundred bytes for each account in memory.
///
/// # Errors
/// AWS's; those of the API and the control port, where a way is given.
pub async fn check(souk: &Souk, ways: &Ways) -> Result<Checked, AdminError> {
    let (items, known) = known(souk).await?;
    let seen = checker::check(&target(souk, ways), &Journal::default()).await?;
    Ok(Checked { items, invariants: [known].into_iter().chain(seen).collect() })
}

fn target(souk: &Souk, ways: &Ways) -> Target {
    let mut target = Target::new(souk.config.clone(), &souk.stage);
    if let Some(table) = &souk.core_table {
        target = target.with_core_table(table);
    }
    if let Some(api) = &ways.api {
        target = target.with_api(api);
    }
    if let Some(control) = &ways.control {
        target = target.with_control(control);
    }
    match &ways.staff_token {
        Some(StaffToken(token)) => target.with_staff(Staff::Token(token.clone())),
        None => target,
    }
}

/// Every item is what its key says, by the schema of this version. How many there are, and which are not.
async fn known(souk: &Souk) -> Result<(u64, Invariant), AdminError> {
    let (mut items, mut suspects) = (0, Vec::new());
    let mut walk = souk.store.admin_walk();
    while let Some(page) = walk.next().await? {
        items += u64::try_from(page.len()).unwrap_or_default();
        suspects.extend(page.into_iter().filter_map(unknown).map(|(place, _)| place));
    }
    let mut violations = Vec::new();
    for place in suspects {
        // Looked at again: it may have changed or gone meanwhile.
        let now = souk.store.admin_look(&place).await?.and_then(unknown);
        violations.extend(now.map(|(Place { pk, sk }, wrong)| format!("{pk} / {sk}: {wrong}")));
    }
    Ok((items, Invariant { name: ITEM_IS_KNOWN, checked: items, violations, skipped: None }))
}

fn unknown(item: Walked) -> Option<(Place, String)> {
    match item.what {
        What::Unreadable(reason) => Some((item.place, reason)),
        _ => None,
    }
}
