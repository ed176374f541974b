//! Views made anew from what they show. Harmless beside a running `projector`: people are brought up to date as it does
//! it, and counters are set only where nobody has counted since they were read.

use std::collections::{BTreeMap, BTreeSet};

use domain::identity::people::Seen;
use domain::{Id, id};
use futures::future::try_join_all;
use serde::Serialize;
use store::identity::{Counters, Thoroughness};
use store::walk::What;

use crate::{AdminError, Souk};

/// What was made anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebuilt {
    /// People who are shown.
    pub people: u64,
    /// People who were shown and are no more.
    pub gone: u64,
    /// Words that found somebody wrongly.
    pub stray_words: u64,
    /// Items of counters that were wrong.
    pub wrong_counters: u64,
    /// Whether all counters are right; else they were being counted all the while: run it again.
    pub is_complete: bool,
}

/// So many people at once.
const AT_ONCE: usize = 16;
const ATTEMPTS_MAX: usize = 5;

/// Makes the views of people anew: who is found by which word, and the counters.
///
/// # Errors
/// AWS's.
pub async fn people(souk: &Souk) -> Result<Rebuilt, AdminError> {
    let mut rebuilt = Rebuilt::default();
    let (mut here, mut shown, mut words) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let mut walk = souk.store.admin_walk();
    while let Some(items) = walk.next().await? {
        for item in items {
            match item.what {
                What::Account(account) => drop(here.insert(account.id, Seen::of(&account, 0).words)),
                What::Seen(user, _, seen) => drop(shown.insert(user, seen.words)),
                What::Word(word, user) => drop(words.insert((word, user))),
                _ => {}
            }
        }
    }
    let gone: Vec<Id<id::User>> = shown.keys().filter(|user| !here.contains_key(*user)).copied().collect();
    let everybody: Vec<Id<id::User>> = here.keys().chain(&gone).copied().collect();
    for some in everybody.chunks(AT_ONCE) {
        try_join_all(some.iter().map(|user| souk.store.project_person(*user, Thoroughness::Anew))).await?;
    }
    for (word, user) in words {
        // Those of somebody who is gone went with their record.
        let known = here.get(&user).or_else(|| shown.get(&user));
        let fits = known.is_some_and(|words| words.contains(&word));
        if !fits && souk.store.admin_forget_word(&word, user).await? {
            rebuilt.stray_words += 1;
        }
    }
    rebuilt.people = u64::try_from(here.len()).unwrap_or(u64::MAX);
    rebuilt.gone = u64::try_from(gone.len()).unwrap_or(u64::MAX);
    for _ in 0..ATTEMPTS_MAX {
        if count_anew(souk, &mut rebuilt).await? {
            return Ok(Rebuilt { is_complete: true, ..rebuilt });
        }
    }
    Ok(rebuilt)
}

/// Counts everybody; `false` when somebody else counted meanwhile where a figure is wrong.
async fn count_anew(souk: &Souk, rebuilt: &mut Rebuilt) -> Result<bool, AdminError> {
    let known = souk.store.admin_counters().await?;
    let mut right: BTreeMap<String, Counters> = BTreeMap::new();
    let mut walk = souk.store.admin_walk();
    while let Some(items) = walk.next().await? {
        for item in items {
            if let What::Seen(_, place, seen) = item.what {
                let counters = right.entry(place).or_default();
                seen.counters.into_iter().for_each(|name| *counters.entry(name).or_default() += 1);
            }
        }
    }
    let places: BTreeSet<&String> = known.keys().chain(right.keys()).collect();
    let (mut is_settled, none) = (true, Counters::new());
    for place in places {
        let wanted = right.get(place).unwrap_or(&none);
        let counted = known.get(place).map_or(&none, |known| &known.counters);
        let is_right = counted.iter().all(|(name, n)| *n == wanted.get(name).copied().unwrap_or_default())
            && wanted.keys().all(|name| counted.contains_key(name));
        if !is_right {
            match souk.store.admin_set_counters(place, known.get(place), wanted).await? {
                true => rebuilt.wrong_counters += 1,
                false => is_settled = false,
            }
        }
    }
    Ok(is_settled)
}
