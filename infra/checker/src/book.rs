//! What the table holds, so far as it must fit together. An item may be added twice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::item::{Item, Place, Told};
use crate::notices::Span;

/// What an account says of itself.
#[derive(Debug)]
pub(crate) struct Account {
    pub email: String,
    pub username: Option<String>,
    pub granted: BTreeSet<String>,
    pub status: String,
    pub has_second_factor: bool,
}

/// An entry of the audit trail.
#[derive(Debug)]
pub(crate) struct Act {
    pub action: String,
    /// Field `roles`, `status` or `apiKeys`, as it was and is.
    pub change: Option<(BTreeSet<String>, BTreeSet<String>)>,
}

/// A session, and what is wrong with it in itself.
#[derive(Debug)]
pub(crate) struct Session {
    pub user: String,
    pub wrong: Option<&'static str>,
}

/// Everything that must fit together; users by their ids.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub accounts: HashMap<String, Account>,
    /// Address keys, and whose they are.
    pub addresses: BTreeMap<String, String>,
    pub usernames: BTreeMap<String, String>,
    /// Items of roles: user, role, and when it was granted.
    pub roles: BTreeMap<(String, String), Option<Timestamp>>,
    pub administrators: BTreeSet<String>,
    pub sessions: BTreeMap<Place, Session>,
    /// API keys, by user and id.
    pub api_keys: BTreeSet<(String, String)>,
    /// Webhook endpoints, by user and id.
    pub endpoints: BTreeSet<(String, String)>,
    pub endpoint_counts: HashMap<String, u64>,
    /// Partitions of people in which something lies.
    pub people: BTreeMap<String, Place>,
    /// The trail, by what was acted upon and the entry's id.
    pub trail: HashMap<String, BTreeMap<String, Act>>,
    /// Events that are told to people, by id, with who is told.
    pub told: BTreeMap<String, Told>,
    /// Notices, or what is left of them, by person and id; with the event's type.
    pub notices: BTreeMap<(String, String), Option<String>>,
    /// Who has set what they want to be told.
    pub choosy: HashSet<String>,
    /// Items whose events cannot be read.
    pub unreadable: BTreeSet<Place>,
    /// Which of the events should have arrived by now.
    pub told_span: Span,
    pub items: usize,
    pub events: usize,
}

impl Book {
    pub fn add(&mut self, item: &Item) {
        self.items += 1;
        let place = item.place();
        self.add_told(item, &place);
        let owner = || item.text("user").unwrap_or_default().to_owned();
        let (kind, rest) = place.pk.split_once('#').unwrap_or((&place.pk, ""));
        match kind {
            "USR" => self.add_of_person(rest, item, &place),
            "UNIQ" => match rest.split_once('#') {
                Some(("EMAIL", key)) => drop(self.addresses.insert(key.to_owned(), owner())),
                Some(("NAME", name)) => drop(self.usernames.insert(name.to_owned(), owner())),
                _ => {}
            },
            "ADMINISTRATORS" => self.administrators.extend(item.texts("users")),
            "AUD" => {
                let field = ["roles", "status", "apiKeys"].into_iter().find_map(|field| item.change(field));
                let act = Act { action: item.text("action").unwrap_or_default().to_owned(), change: field };
                self.trail.entry(rest.to_owned()).or_default().insert(place.sk.clone(), act);
            }
            _ => {}
        }
    }

    fn add_told(&mut self, item: &Item, place: &Place) {
        match item.told() {
            Some(told) => {
                self.events += told.len();
                self.told.extend(told.into_iter().map(|event| (event.id.clone(), event)));
            }
            None => drop(self.unreadable.insert(place.clone())),
        }
    }

    fn add_of_person(&mut self, user: &str, item: &Item, place: &Place) {
        self.people.entry(user.to_owned()).or_insert_with(|| place.clone());
        let both = |id: &str| (user.to_owned(), id.to_owned());
        match place.sk.split_once('#').unwrap_or((&place.sk, "")) {
            ("HEAD", _) => drop(self.accounts.insert(user.to_owned(), account(item))),
            ("ROLE", role) => drop(self.roles.insert(both(role), item.time("grantedAt"))),
            ("SES", _) => drop(self.sessions.insert(place.clone(), session(user, item))),
            ("KEY", id) => drop(self.api_keys.insert(both(id))),
            ("WHE", "") => drop(self.endpoint_counts.insert(user.to_owned(), item.number("count").unwrap_or_default())),
            ("WHE", id) => drop(self.endpoints.insert(both(id))),
            ("NTF", id) => drop(self.notices.insert(both(id), item.text("type").map(str::to_owned))),
            ("PREF", _) => drop(self.choosy.insert(user.to_owned())),
            _ => {}
        }
    }

    /// The newest entry about `user` that one of `actions` made.
    pub fn latest(&self, user: &str, actions: &[&str]) -> Option<&Act> {
        let mut acts = self.trail.get(user)?.values().rev();
        acts.find(|act| actions.contains(&act.action.as_str()))
    }
}

fn account(item: &Item) -> Account {
    Account {
        email: item.text("email").unwrap_or_default().to_owned(),
        username: item.text("username").map(str::to_owned),
        granted: item.texts("granted"),
        status: item.text("status").unwrap_or_default().to_owned(),
        has_second_factor: item.has("mfaEnabledAt"),
    }
}

/// A session's item is its whole chain: the count of refreshes names the one refresh token that is good.
fn session(user: &str, item: &Item) -> Session {
    let (made, used, revoked) = (item.time("createdAt"), item.time("lastUsedAt"), item.time("revokedAt"));
    let wrong = match item.number("generation") {
        _ if item.text("user") != Some(user) => Some("it lies with somebody else's account"),
        None => Some("it has no generation: no refresh token is the living one"),
        Some(_) if made.is_none() || used.is_none() => Some("it does not say when it began and was last used"),
        Some(0) if made != used => Some("it was used after it began, but never refreshed"),
        Some(_) if item.has("revokedAt") && revoked.is_none() => Some("it does not say when it ended"),
        Some(_) => None,
    };
    Session { user: user.to_owned(), wrong }
}
