//! What clients were told, against what there is: what was done has happened once, what was refused never, and what nobody
//! heard of at most once.

mod counted;
mod sent;
mod states;

use std::collections::BTreeMap;

use crate::api::Api;
use crate::book::Book;
use crate::http::Http;
use crate::journal::{Deed, Entry};
use crate::table::Table;
use crate::{CheckError, Invariant, Journal, Target};

/// What there is to count in.
pub(crate) struct Ground<'a> {
    pub target: &'a Target,
    pub table: &'a Table,
    pub book: &'a Book,
    pub http: &'a Http,
    pub api: Option<Api>,
    pub staff: Option<String>,
}

/// The name, when there is no journal.
const TOLD_IS_TRUE: &str = "what clients were told is so";
const NO_API: &str = "it is counted through the public API, and none is given";

/// How often something happened, and how often it may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Balance {
    at_least: u64,
    at_most: u64,
}

impl Balance {
    fn add(&mut self, entry: &Entry) {
        let (at_least, at_most) = entry.effects();
        self.at_least += at_least;
        self.at_most += at_most;
    }

    /// What is wrong with so many, in words.
    fn wrong(&self, found: u64) -> Option<String> {
        let Balance { at_least, at_most } = self;
        match (at_least..=at_most).contains(&&found) {
            true => None,
            false if at_least == at_most => Some(format!("told {at_least} times, found {found}")),
            false => Some(format!("told {at_least} to {at_most} times, found {found}")),
        }
    }
}

/// An invariant for each kind of deed in the journal.
pub(crate) async fn check(ground: &mut Ground<'_>, journal: &Journal) -> Result<Vec<Invariant>, CheckError> {
    if *journal == Journal::default() {
        return Ok(vec![Invariant::skipped(TOLD_IS_TRUE, "nobody noted what clients were told")]);
    }
    let mut kinds: BTreeMap<&'static str, Vec<&Entry>> = BTreeMap::new();
    for entry in &journal.entries {
        kinds.entry(name(&entry.deed)).or_default().push(entry);
    }
    let mut told = Vec::new();
    for (name, entries) in kinds {
        if needs_api(&entries[0].deed) && ground.api.is_none() {
            told.push(Invariant::skipped(name, NO_API));
            continue;
        }
        let mut wrong = counted::wrong(ground, &entries).await?;
        wrong.extend(states::wrong(ground, &entries).await?);
        told.push(Invariant::looked_at(name, entries.len(), wrong));
    }
    if !journal.mail.is_empty() {
        told.push(sent::mail(ground, &journal.mail).await?);
    }
    if !journal.webhooks.is_empty() {
        told.push(sent::webhooks(ground, &journal.webhooks).await?);
    }
    Ok(told)
}

fn name(deed: &Deed) -> &'static str {
    match deed {
        Deed::Registered { .. } => "each account that callers were told of is there once",
        Deed::ApiKeyMade { .. } => "each API key that callers were told of is there once",
        Deed::EndpointMade { .. } => "each webhook endpoint that callers were told of is there once",
        Deed::Audited { .. } => "each privileged act that callers were told of is audited once",
        Deed::NoticeTold { .. } => "each notice that people should have is there once",
        Deed::ItemsMade { .. } => "each message's effect is there once",
        Deed::RoleGranted { .. } => "each role that callers were told of is granted, and audited once",
        Deed::ProfileName { .. } => "each profile says what its owner was told last",
        Deed::PasswordIs { .. } => "each password is what its owner was told last",
    }
}

fn needs_api(deed: &Deed) -> bool {
    matches!(
        deed,
        Deed::ApiKeyMade { .. }
            | Deed::EndpointMade { .. }
            | Deed::NoticeTold { .. }
            | Deed::ProfileName { .. }
            | Deed::PasswordIs { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Answer::{self, Done, Refused, Unknown};

    fn balance(entries: &[&[Answer]]) -> Balance {
        let deed = Deed::Registered { email: "ada@example.com".into() };
        let mut balance = Balance::default();
        for answers in entries {
            balance.add(&Entry { deed: deed.clone(), answers: answers.to_vec() });
        }
        balance
    }

    #[test]
    fn too_few_and_too_many_are_wrong() {
        for (entries, right, wrong) in [
            (&[&[Done][..]][..], &[1][..], &[0, 2][..]),
            (&[&[Refused]], &[0], &[1]),
            (&[&[Unknown]], &[0, 1], &[2]),
            (&[&[Unknown, Done]], &[1], &[0, 2]),
            (&[&[Done], &[Done]], &[2], &[1, 3]),
            (&[&[Done], &[Unknown], &[Refused]], &[1, 2], &[0, 3]),
        ] {
            let balance = balance(entries);
            assert!(right.iter().all(|found| balance.wrong(*found).is_none()), "{entries:?}");
            assert!(wrong.iter().all(|found| balance.wrong(*found).is_some()), "{entries:?}");
        }
    }
}
