//! What is unique stays unique, and whatever belongs to somebody belongs to somebody who is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::Book;
use crate::item::Place;
use crate::suspect::{Broken, Rule, address_key, claim, of_person};

pub(crate) const RULES: &[Rule] = &[
    Rule { name: "every claimed address has its account", count: |book| book.addresses.len(), broken: stray_addresses },
    Rule { name: "every account has claimed its address", count: |book| book.accounts.len(), broken: unclaimed },
    Rule { name: "no two accounts have one address", count: |book| book.accounts.len(), broken: shared_addresses },
    Rule { name: "every claimed username has its account", count: |book| book.usernames.len(), broken: stray_names },
    Rule { name: "every account with a username has claimed it", count: named, broken: unclaimed_names },
    Rule { name: "every granted role has its item", count: granted, broken: roles_without_item },
    Rule {
        name: "every item of a role belongs to a granted role",
        count: |book| book.roles.len(),
        broken: stray_roles,
    },
    Rule {
        name: "the list of administrators names who acts as one",
        count: |book| acting(book).len(),
        broken: unlisted_administrators,
    },
    Rule {
        name: "nothing belongs to an account that is not there",
        count: |book| book.people.len(),
        broken: ownerless,
    },
    Rule {
        name: "everybody's webhook endpoints are counted right",
        count: |book| book.endpoint_counts.len().max(owners(book).len()),
        broken: miscounted_endpoints,
    },
];

fn named(book: &Book) -> usize {
    book.accounts.values().filter(|account| account.username.is_some()).count()
}

fn granted(book: &Book) -> usize {
    book.accounts.values().map(|account| account.granted.len()).sum()
}

fn stray_addresses(book: &Book) -> Vec<Broken> {
    let strays = book.addresses.iter().filter_map(|(key, user)| {
        let wrong = match book.accounts.get(user).map(|account| address_key(&account.email)) {
            None => format!("{user} is not there"),
            Some(Some(own)) if own != *key => format!("{user} has another address"),
            Some(_) => return None,
        };
        Some((claim("EMAIL", key), vec![user.clone()], wrong))
    });
    strays.collect()
}

/// An address beyond ASCII is only known to be claimed by somebody having one claim.
fn unclaimed(book: &Book) -> Vec<Broken> {
    let owners: BTreeSet<&String> = book.addresses.values().collect();
    let loose = book.accounts.iter().filter(|(user, account)| match address_key(&account.email) {
        Some(key) => book.addresses.get(&key) != Some(*user),
        None => !owners.contains(user),
    });
    let wrong = "its address is not claimed for it";
    loose.map(|(user, _)| (of_person(user, "HEAD"), vec![user.clone()], wrong.to_owned())).collect()
}

fn shared_addresses(book: &Book) -> Vec<Broken> {
    let mut holders: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    for (user, account) in &book.accounts {
        holders.entry(account.email.trim().to_lowercase()).or_default().insert(user);
    }
    let shared = holders.values().filter(|users| users.len() > 1);
    shared
        .flat_map(|users| {
            let all: Vec<String> = users.iter().map(|user| (*user).clone()).collect();
            users.iter().map(move |user| {
                let others: Vec<&str> = all.iter().filter(|other| other != user).map(String::as_str).collect();
                (of_person(user, "HEAD"), all.clone(), format!("{} has the same address", others.join(", ")))
            })
        })
        .collect()
}

fn stray_names(book: &Book) -> Vec<Broken> {
    let strays = book.usernames.iter().filter_map(|(name, user)| {
        let wrong = match book.accounts.get(user) {
            None => format!("{user} is not there"),
            Some(account) if account.username.as_ref() != Some(name) => {
                format!("{user} has another username, or none")
            }
            Some(_) => return None,
        };
        Some((claim("NAME", name), vec![user.clone()], wrong))
    });
    strays.collect()
}

fn unclaimed_names(book: &Book) -> Vec<Broken> {
    let loose = book.accounts.iter().filter_map(|(user, account)| {
        let name = account.username.as_ref().filter(|name| book.usernames.get(*name) != Some(user))?;
        Some((of_person(user, "HEAD"), vec![user.clone()], format!("its username {name} is not claimed for it")))
    });
    loose.collect()
}

fn roles_without_item(book: &Book) -> Vec<Broken> {
    let granted = book.accounts.iter().flat_map(|(user, account)| account.granted.iter().map(move |role| (user, role)));
    let loose = granted.filter(|(user, role)| !book.roles.contains_key(&((*user).clone(), (*role).clone())));
    loose
        .map(|(user, role)| (of_person(user, "HEAD"), vec![user.clone()], format!("its role {role} has no item")))
        .collect()
}

fn stray_roles(book: &Book) -> Vec<Broken> {
    let strays = book
        .roles
        .keys()
        .filter(|(user, role)| book.accounts.get(user).is_none_or(|account| !account.granted.contains(role)));
    strays
        .map(|(user, role)| {
            let wrong = format!("the account does not have role {role}");
            (of_person(user, format!("ROLE#{role}")), vec![user.clone()], wrong)
        })
        .collect()
}

/// With the role, and not disabled.
fn acting(book: &Book) -> BTreeSet<String> {
    let acts = book
        .accounts
        .iter()
        .filter(|(_, account)| account.granted.contains("administrator") && account.status == "active");
    acts.map(|(user, _)| user.clone()).collect()
}

fn unlisted_administrators(book: &Book) -> Vec<Broken> {
    let list = || Place { pk: "ADMINISTRATORS".to_owned(), sk: "HEAD".to_owned() };
    let acting = acting(book);
    let idle = book.administrators.difference(&acting).map(|user| (user, "does not act as one"));
    let missing = acting.difference(&book.administrators).map(|user| (user, "acts as one and is not on it"));
    idle.chain(missing).map(|(user, wrong)| (list(), vec![user.clone()], format!("{user} {wrong}"))).collect()
}

/// Of each partition one item is named.
fn ownerless(book: &Book) -> Vec<Broken> {
    let loose = book.people.iter().filter(|(user, _)| !book.accounts.contains_key(*user));
    let loose = loose.map(|(user, place)| (place.clone(), vec![user.clone()], "the account is not there".to_owned()));
    loose.collect()
}

fn owners(book: &Book) -> BTreeMap<&String, u64> {
    let mut owners = BTreeMap::new();
    for (user, _) in &book.endpoints {
        *owners.entry(user).or_default() += 1;
    }
    owners
}

fn miscounted_endpoints(book: &Book) -> Vec<Broken> {
    let owners = owners(book);
    let users: BTreeSet<&String> = owners.keys().copied().chain(book.endpoint_counts.keys()).collect();
    let wrong = users.into_iter().filter_map(|user| {
        let (there, said) = (owners.get(user).copied(), book.endpoint_counts.get(user).copied());
        let (there, said) = (there.unwrap_or_default(), said.unwrap_or_default());
        let wrong = format!("{said} are counted and {there} are there");
        (there != said).then(|| (of_person(user, "WHE"), vec![user.clone()], wrong))
    });
    wrong.collect()
}
