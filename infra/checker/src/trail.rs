//! The audit trail is complete: whatever is so by right of a role has an entry that explains it, and the newest entry about
//! a thing says how it is. And what sessions and events look like.

use std::collections::BTreeSet;

use crate::book::{Act, Book};
use crate::item::Place;
use crate::suspect::{Broken, Rule, of_person};

pub(crate) const RULES: &[Rule] = &[
    Rule { name: "every session is one chain of refreshes", count: |book| book.sessions.len(), broken: broken_chains },
    Rule { name: "every session has its account", count: |book| book.sessions.len(), broken: lost_sessions },
    Rule { name: "every role that carries power is explained by the trail", count: power, broken: unexplained_roles },
    Rule { name: "every account's status is what the trail says", count: |book| book.accounts.len(), broken: statuses },
    Rule { name: "every second factor is what the trail says", count: factors, broken: unexplained_factors },
    Rule {
        name: "every API key has one entry of its making",
        count: |book| book.api_keys.len(),
        broken: unexplained_keys,
    },
    Rule { name: "every event can be read", count: |book| book.events, broken: unreadable },
];

/// Roles that somebody else must grant. What is open may be taken without asking, and leaves no entry.
const POWER: [&str; 3] = ["administrator", "operator", "provider"];

const GRANTS: [&str; 2] = ["user.created", "user.roles_changed"];
const STATUS: [&str; 1] = ["user.status_changed"];
const FACTOR: [&str; 3] = ["user.mfa_enabled", "user.mfa_disabled", "user.mfa_removed"];
const KEY: &str = "user.api_key_created";

fn broken_chains(book: &Book) -> Vec<Broken> {
    let broken = book
        .sessions
        .iter()
        .filter_map(|(place, session)| Some((place.clone(), vec![session.user.clone()], session.wrong?.to_owned())));
    broken.collect()
}

fn lost_sessions(book: &Book) -> Vec<Broken> {
    let lost = book.sessions.iter().filter(|(_, session)| !book.accounts.contains_key(&session.user));
    let lost =
        lost.map(|(place, session)| (place.clone(), vec![session.user.clone()], "the account is not there".to_owned()));
    lost.collect()
}

fn powers(book: &Book) -> impl Iterator<Item = (&String, &String)> {
    let granted = book.accounts.iter().flat_map(|(user, account)| account.granted.iter().map(move |role| (user, role)));
    granted.filter(|(_, role)| POWER.contains(&role.as_str()))
}

fn power(book: &Book) -> usize {
    powers(book).count()
}

fn unexplained_roles(book: &Book) -> Vec<Broken> {
    let gives = |act: Option<&Act>, role: &String| {
        act.and_then(|act| act.change.as_ref()).is_some_and(|(_, roles)| roles.contains(role))
    };
    let loose = powers(book).filter(|(user, role)| !gives(book.latest(user, &GRANTS), role));
    loose
        .map(|(user, role)| {
            let wrong = format!("no newest entry of the trail gives role {role}");
            (of_person(user, "HEAD"), vec![user.clone()], wrong)
        })
        .collect()
}

/// An account begins active; after that the trail says how it is.
fn statuses(book: &Book) -> Vec<Broken> {
    let wrong = book.accounts.iter().filter_map(|(user, account)| {
        let change = book.latest(user, &STATUS).and_then(|act| act.change.as_ref());
        let said = change.and_then(|(_, status)| status.first()).map_or("active", String::as_str);
        let wrong = format!("its status is {}, and the trail says {said}", account.status);
        (account.status != said).then(|| (of_person(user, "HEAD"), vec![user.clone()], wrong))
    });
    wrong.collect()
}

fn factors(book: &Book) -> usize {
    let changed = |user: &String| book.latest(user, &FACTOR).is_some();
    book.accounts.iter().filter(|(user, account)| account.has_second_factor || changed(user)).count()
}

fn unexplained_factors(book: &Book) -> Vec<Broken> {
    let wrong = book.accounts.iter().filter_map(|(user, account)| {
        let said = book.latest(user, &FACTOR).is_some_and(|act| act.action == FACTOR[0]);
        let wrong = match (account.has_second_factor, said) {
            (true, false) => "it has a second factor, and the trail says none",
            (false, true) => "it has no second factor, and the trail says one",
            _ => return None,
        };
        Some((of_person(user, "HEAD"), vec![user.clone()], wrong.to_owned()))
    });
    wrong.collect()
}

fn unexplained_keys(book: &Book) -> Vec<Broken> {
    let mut made: Vec<(&String, &String)> = Vec::new();
    for (user, acts) in &book.trail {
        let making = acts.values().filter(|act| act.action == KEY).filter_map(|act| act.change.as_ref());
        made.extend(making.flat_map(|(_, keys)| keys.iter().map(move |key| (user, key))));
    }
    made.sort();
    let wrong = book.api_keys.iter().filter_map(|(user, key)| {
        let from = made.partition_point(|entry| *entry < (user, key));
        let times = made[from..].iter().take_while(|entry| **entry == (user, key)).count();
        let wrong = format!("the trail says {times} times that it was made");
        (times != 1).then(|| (of_person(user, format!("KEY#{key}")), vec![user.clone()], wrong))
    });
    wrong.collect()
}

fn unreadable(book: &Book) -> Vec<Broken> {
    let places: &BTreeSet<Place> = &book.unreadable;
    places.iter().map(|place| (place.clone(), Vec::new(), "attribute out holds no events".to_owned())).collect()
}
