//! What must hold between items, and nothing holds but the transactions that write them.
//!
//! A walk is no snapshot: an account that is made meanwhile may be seen without its address, an event before its notice. So
//! whatever looks wrong is looked at again, strongly consistent and by its key, a few times.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::book::Book;
use crate::item::Place;
use crate::queues::Depth;
use crate::suspect::{Rule, Suspect, address_key, claim};
use crate::table::Table;
use crate::target::Rest;
use crate::{CheckError, Invariant, notices, trail, unique};

/// So often a suspect is looked at again, and the pauses before: long enough for a stream to be read.
const LOOKS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(700), Duration::from_millis(1500)];

/// Every invariant between items of the table, and what the table holds.
pub(crate) async fn check(table: &Table, depths: &[Depth], rest: Rest) -> Result<(Vec<Invariant>, Book), CheckError> {
    let mut book = Book { told_span: notices::Span::of(rest, Timestamp::now()), ..Book::default() };
    table.each(|item| book.add(&item)).await?;
    let hindrance = notices::hindrance(depths);
    let rules: Vec<&Rule> =
        unique::RULES.iter().chain(trail::RULES).chain(hindrance.is_none().then_some(&notices::RULE)).collect();
    let suspects = rules.iter().flat_map(|rule| rule.suspects(&book)).collect();
    let confirmed = confirm(table, &rules, &book, suspects).await?;
    let mut told: Vec<Invariant> = rules.iter().map(|rule| rule.told(&book, &confirmed)).collect();
    told.extend(hindrance.map(|why| Invariant::skipped(notices::RULE.name, why)));
    Ok((told, book))
}

/// Of the suspects those that are still there.
async fn confirm(
    table: &Table,
    rules: &[&Rule],
    walked: &Book,
    mut suspects: BTreeSet<Suspect>,
) -> Result<BTreeSet<Suspect>, CheckError> {
    for pause in LOOKS {
        if suspects.is_empty() {
            break;
        }
        tokio::time::sleep(pause).await;
        let now = look_again(table, walked, &suspects).await?;
        // What it brings besides is seen in part only: a suspect is confirmed by being one each time.
        let again: BTreeSet<Suspect> = rules.iter().flat_map(|rule| rule.suspects(&now)).collect();
        suspects = suspects.intersection(&again).cloned().collect();
    }
    Ok(suspects)
}

/// The suspects' items, all that belongs to their people and was done to them, and the claims of both.
async fn look_again(table: &Table, walked: &Book, suspects: &BTreeSet<Suspect>) -> Result<Book, CheckError> {
    let mut now = Book { told_span: walked.told_span, ..Book::default() };
    let users: BTreeSet<&String> = suspects.iter().flat_map(|suspect| &suspect.users).collect();
    let mut places: BTreeSet<Place> = suspects.iter().map(|suspect| suspect.place.clone()).collect();
    // Events that people are told of ride on anything; those that are known are known for good.
    now.told.clone_from(&walked.told);
    for user in users {
        for partition in [format!("USR#{user}"), format!("AUD#{user}")] {
            table.partition(&partition, "").await?.iter().for_each(|item| now.add(item));
        }
        if let Some(account) = now.accounts.get(user) {
            places.extend(address_key(&account.email).map(|key| claim("EMAIL", &key)));
            places.extend(account.username.as_ref().map(|name| claim("NAME", name)));
        }
        // Of an address beyond ASCII only the claim that was seen is known.
        let claims = walked.addresses.iter().filter(|(_, owner)| *owner == user);
        places.extend(claims.map(|(key, _)| claim("EMAIL", key)));
    }
    for place in places {
        if let Some(item) = table.item(&place).await? {
            now.add(&item);
        }
    }
    Ok(now)
}
