//! What must hold between items, and nothing holds but the transactions that write them. Reads only.
//!
//! A walk is no snapshot: an account that is made meanwhile may be seen without its address. So whatever looks wrong is
//! looked at again, this time strongly consistent and by its key, before it is told.

mod inventory;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{AdminError, Souk, dead_letters};
use inventory::{Inventory, Suspect};

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invariant {
    /// In words.
    pub name: &'static str,
    /// How many were looked at.
    pub checked: u64,
    /// Where it does not hold, in sentences.
    pub violations: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Items of table core.
    pub items: u64,
    /// Each invariant.
    pub invariants: Vec<Invariant>,
}

/// The name of what is checked last.
pub const DEAD_LETTERS: &str = "no dead letters wait";

impl Checked {
    /// Whether everything holds.
    pub fn is_clean(&self) -> bool {
        self.invariants.iter().all(|invariant| invariant.violations.is_empty())
    }
}

/// Checks everything. Keeps a few hundred bytes for each account in memory.
///
/// # Errors
/// AWS's.
pub async fn check(souk: &Souk) -> Result<Checked, AdminError> {
    let mut inventory = Inventory::default();
    let mut walk = souk.store.admin_walk();
    while let Some(items) = walk.next().await? {
        items.into_iter().for_each(|item| inventory.add(item));
    }
    let suspects = inventory.suspects();
    let confirmed = match suspects.is_empty() {
        true => BTreeSet::new(),
        false => look_again(souk, &suspects).await?,
    };
    let invariants = inventory.counts().into_iter().map(|(name, checked)| Invariant {
        name,
        checked,
        violations: confirmed.iter().filter(|suspect| suspect.invariant == name).map(Suspect::sentence).collect(),
    });
    let mut invariants: Vec<Invariant> = invariants.collect();
    invariants.push(no_dead_letters(souk).await?);
    Ok(Checked { items: inventory.items(), invariants })
}

/// Of the suspects those that are still there.
async fn look_again(souk: &Souk, suspects: &BTreeSet<Suspect>) -> Result<BTreeSet<Suspect>, AdminError> {
    let mut now = Inventory::default();
    let places: BTreeSet<_> = suspects.iter().map(|suspect| &suspect.place).collect();
    for place in places {
        if let Some(item) = souk.store.admin_look(place).await? {
            now.add(item);
        }
    }
    let mut seen = Vec::new();
    for user in suspects.iter().filter_map(|suspect| suspect.user) {
        if !seen.contains(&user) {
            seen.push(user);
            souk.store.admin_look_at(user).await?.into_iter().for_each(|item| now.add(item));
        }
    }
    // What it brings besides may be seen in part only: a suspect is confirmed by being one twice.
    Ok(now.suspects().intersection(suspects).cloned().collect())
}

async fn no_dead_letters(souk: &Souk) -> Result<Invariant, AdminError> {
    let lines = dead_letters::list(souk).await?;
    let full = lines.iter().filter(|line| line.dead > 0);
    let violations = full.map(|line| format!("{}: {} (souk-admin dlq show {0})", line.queue, line.dead)).collect();
    Ok(Invariant { name: DEAD_LETTERS, checked: u64::try_from(lines.len()).unwrap_or(u64::MAX), violations })
}
