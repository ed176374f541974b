//! Deeds that put one state in place of another: the last that was done stands.

use std::collections::BTreeMap;

use super::{Balance, Ground};
use crate::CheckError;
use crate::api::{Api, Login};
use crate::journal::{Deed, Entry};

/// What is wrong with the states among these entries, in sentences.
pub(super) async fn wrong(ground: &Ground<'_>, entries: &[&Entry]) -> Result<Vec<String>, CheckError> {
    let mut wrong = roles(ground, entries);
    if let Some(api) = &ground.api {
        for (token, wishes) in by_subject(entries, name_of) {
            let said = api.read("/users/profile", token).await?;
            let name = said["name"].as_str().unwrap_or_default();
            if !wishes.may_be(name) {
                wrong.push(format!("a profile's name is {name:?}; told: {}", wishes.sentence()));
            }
        }
        for (email, wishes) in by_subject(entries, password_of) {
            wrong.extend(password(api, email, &wishes).await?.map(|wrong| format!("{email}: {wrong}")));
        }
    }
    Ok(wrong)
}

/// What was wanted of one thing, in order.
#[derive(Debug, Default)]
struct Wishes<'a> {
    /// The last that was done.
    done: Option<&'a str>,
    /// Those of which nobody knows.
    unknown: Vec<&'a str>,
    refused: Vec<&'a str>,
}

impl Wishes<'_> {
    fn may_be(&self, value: &str) -> bool {
        match self.done {
            _ if self.unknown.contains(&value) => true,
            Some(done) => done == value,
            None => !self.refused.contains(&value),
        }
    }

    fn sentence(&self) -> String {
        let done = self.done.map_or("nothing done".to_owned(), |done| format!("{done:?} done"));
        format!("{done}, {:?} unknown, {:?} refused", self.unknown, self.refused)
    }
}

fn name_of(deed: &Deed) -> Option<(&str, &str)> {
    match deed {
        Deed::ProfileName { token, name } => Some((token, name)),
        _ => None,
    }
}

fn password_of(deed: &Deed) -> Option<(&str, &str)> {
    match deed {
        Deed::PasswordIs { email, password } => Some((email, password)),
        _ => None,
    }
}

fn by_subject<'a>(entries: &[&'a Entry], read: fn(&Deed) -> Option<(&str, &str)>) -> BTreeMap<&'a str, Wishes<'a>> {
    let mut found: BTreeMap<&str, Wishes<'_>> = BTreeMap::new();
    for entry in entries {
        let Some((subject, value)) = read(&entry.deed) else { continue };
        let wishes = found.entry(subject).or_default();
        match entry.effects() {
            (1, _) => wishes.done = Some(value),
            (0, 1) => wishes.unknown.push(value),
            _ => wishes.refused.push(value),
        }
    }
    found
}

/// Right ones first: too many guesses lock the address, for right ones too.
async fn password(api: &Api, email: &str, wishes: &Wishes<'_>) -> Result<Option<String>, CheckError> {
    let mut is_found = false;
    for value in wishes.done.iter().chain(&wishes.unknown) {
        if api.signs_in(email, value).await? == Login::Right {
            is_found = true;
            break;
        }
    }
    if wishes.done.is_some() && !is_found {
        return Ok(Some("no password signs in that its owner was told of".to_owned()));
    }
    for value in wishes.refused.iter().filter(|value| !wishes.unknown.contains(value) && wishes.done != Some(**value)) {
        if api.signs_in(email, value).await? == Login::Right {
            return Ok(Some("a password signs in whose change was refused".to_owned()));
        }
    }
    Ok(None)
}

/// Whether roles are held as told, and how often the trail says that they were granted. Of somebody who had the role before
/// the journal began, it says nothing true.
fn roles(ground: &Ground<'_>, entries: &[&Entry]) -> Vec<String> {
    let mut balances: BTreeMap<(&str, &str), Balance> = BTreeMap::new();
    for entry in entries {
        if let Deed::RoleGranted { user, role } = &entry.deed {
            balances.entry((user, role)).or_default().add(entry);
        }
    }
    let wrong =
        balances.into_iter().flat_map(|((user, role), told)| {
            // To grant what is held changes nothing, and is audited no more.
            let once = Balance { at_least: told.at_least.min(1), at_most: told.at_most.min(1) };
            let account = ground.book.accounts.get(user);
            let held = u64::from(account.is_some_and(|account| account.granted.contains(role)));
            let grants =
                ground.book.trail.get(user).into_iter().flat_map(|acts| acts.values()).filter(|act| {
                    act.change.as_ref().is_some_and(|(from, to)| !from.contains(role) && to.contains(role))
                });
            let grants = u64::try_from(grants.count()).unwrap_or(u64::MAX);
            let held = once.wrong(held).map(|wrong| format!("{user} as {role}: {wrong}"));
            let audited = once.wrong(grants).map(|wrong| format!("entries that make {user} {role}: {wrong}"));
            held.into_iter().chain(audited)
        });
    wrong.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Answer::{self, Done, Refused, Unknown};

    #[test]
    fn the_last_that_was_done_stands_unless_nobody_knows() {
        let entry = |name: &str, answer: Answer| Entry {
            deed: Deed::ProfileName { token: "t".into(), name: name.into() },
            answers: vec![answer],
        };
        for (told, right, wrong) in [
            (vec![("a", Done), ("b", Done)], vec!["b"], vec!["a", "c"]),
            (vec![("a", Done), ("b", Unknown)], vec!["a", "b"], vec!["c"]),
            (vec![("a", Done), ("b", Refused)], vec!["a"], vec!["b"]),
            (vec![("a", Refused)], vec!["before"], vec!["a"]),
        ] {
            let entries: Vec<Entry> = told.into_iter().map(|(name, answer)| entry(name, answer)).collect();
            let entries: Vec<&Entry> = entries.iter().collect();
            let wishes = &by_subject(&entries, name_of)["t"];
            assert!(right.iter().all(|name| wishes.may_be(name)), "{}", wishes.sentence());
            assert!(!wrong.iter().any(|name| wishes.may_be(name)), "{}", wishes.sentence());
        }
    }
}
