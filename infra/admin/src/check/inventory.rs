//! What the walk came by, so far as it must fit together, and what does not fit.

use std::collections::{BTreeSet, HashMap};

use domain::identity::{Account, Role};
use domain::{Id, id};
use store::walk::{Place, Walked, What};

/// Something that does not fit, as far as was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suspect {
    /// Which invariant it breaks.
    pub invariant: &'static str,
    /// The item that shows it.
    pub place: Place,
    /// Whose account decides, if it is about one.
    pub user: Option<Id<id::User>>,
    /// What is wrong.
    pub wrong: String,
}

/// The names of what must hold.
pub const ADDRESS_HAS_ACCOUNT: &str = "every claimed address has its account";
pub const ACCOUNT_HAS_ADDRESS: &str = "every account has claimed its address";
pub const NAME_HAS_ACCOUNT: &str = "every claimed username has its account";
pub const ACCOUNT_HAS_NAME: &str = "every account with a username has claimed it";
pub const GRANT_HAS_ITEM: &str = "every granted role has its item";
pub const ITEM_HAS_GRANT: &str = "every item of a role belongs to a granted role";
pub const ADMINISTRATORS_ARE_LISTED: &str = "the list of administrators names who acts as one";
pub const SESSION_HAS_USER: &str = "every session has its account";
pub const ITEM_IS_KNOWN: &str = "every item is of a known kind and schema";

/// What an account says of itself, beside where it lies.
struct Head {
    place: Place,
    address: String,
    name: Option<String>,
    granted: Vec<Role>,
    acts_as_administrator: bool,
}

/// Everything that must fit together. An item may be added twice.
#[derive(Default)]
pub struct Inventory {
    items: u64,
    accounts: HashMap<Id<id::User>, Head>,
    addresses: HashMap<String, (Place, Id<id::User>)>,
    names: HashMap<String, (Place, Id<id::User>)>,
    roles: HashMap<Place, (Id<id::User>, Role)>,
    held: HashMap<Id<id::User>, BTreeSet<Role>>,
    sessions: HashMap<Place, Id<id::User>>,
    administrators: BTreeSet<String>,
    unknown: Vec<(Place, String)>,
}

impl Suspect {
    /// For people.
    pub fn sentence(&self) -> String {
        format!("{} / {}: {}", self.place.pk, self.place.sk, self.wrong)
    }
}

impl Inventory {
    /// Notes an item.
    pub fn add(&mut self, item: Walked) {
        self.items += 1;
        let place = item.place;
        match item.what {
            What::Account(account) => self.add_account(place, *account),
            What::Address(key, user) => drop(self.addresses.insert(key, (place, user))),
            What::Username(name, user) => drop(self.names.insert(name, (place, user))),
            What::Role(user, role) => {
                self.held.entry(user).or_default().insert(role);
                self.roles.insert(place, (user, role));
            }
            What::Session(user) => drop(self.sessions.insert(place, user)),
            What::Administrators(users) => self.administrators.extend(users.iter().map(ToString::to_string)),
            What::Passing | What::Seen(..) | What::Word(..) => {}
            What::Unreadable(reason) => self.unknown.push((place, reason)),
        }
    }

    fn add_account(&mut self, place: Place, account: Account) {
        let head = Head {
            place,
            acts_as_administrator: account.is_acting_administrator(),
            address: account.email.key().as_str().to_owned(),
            name: account.username.map(|name| name.as_str().to_owned()),
            granted: account.granted.into_iter().collect(),
        };
        self.accounts.insert(account.id, head);
    }

    /// How many items there were.
    pub fn items(&self) -> u64 {
        self.items
    }

    /// How many were looked at for each invariant.
    pub fn counts(&self) -> [(&'static str, u64); 9] {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let named = self.accounts.values().filter(|head| head.name.is_some()).count();
        let acting = self.accounts.values().filter(|head| head.acts_as_administrator).count();
        let granted: usize = self.accounts.values().map(|head| head.granted.len()).sum();
        [
            (ADDRESS_HAS_ACCOUNT, count(self.addresses.len())),
            (ACCOUNT_HAS_ADDRESS, count(self.accounts.len())),
            (NAME_HAS_ACCOUNT, count(self.names.len())),
            (ACCOUNT_HAS_NAME, count(named)),
            (GRANT_HAS_ITEM, count(granted)),
            (ITEM_HAS_GRANT, count(self.roles.len())),
            (ADMINISTRATORS_ARE_LISTED, count(acting)),
            (SESSION_HAS_USER, count(self.sessions.len())),
            (ITEM_IS_KNOWN, self.items),
        ]
    }

    /// What does not fit.
    pub fn suspects(&self) -> BTreeSet<Suspect> {
        let mut suspects = self.loose_claims();
        suspects.extend(self.incomplete_accounts());
        suspects.extend(self.loose_items());
        suspects.extend(self.unlisted_administrators());
        suspects
    }

    fn loose_claims(&self) -> BTreeSet<Suspect> {
        let claim = |invariant, place: &Place, user: Id<id::User>, wrong: String| Suspect {
            invariant,
            place: place.clone(),
            user: Some(user),
            wrong,
        };
        let mut suspects = BTreeSet::new();
        for (key, (place, user)) in &self.addresses {
            let head = self.accounts.get(user);
            if head.is_none_or(|head| head.address != *key) {
                let wrong = whose(head.is_some(), *user, "another address");
                suspects.insert(claim(ADDRESS_HAS_ACCOUNT, place, *user, wrong));
            }
        }
        for (name, (place, user)) in &self.names {
            let head = self.accounts.get(user);
            if head.is_none_or(|head| head.name.as_ref() != Some(name)) {
                let wrong = whose(head.is_some(), *user, "another username, or none");
                suspects.insert(claim(NAME_HAS_ACCOUNT, place, *user, wrong));
            }
        }
        suspects
    }

    fn incomplete_accounts(&self) -> BTreeSet<Suspect> {
        let mut suspects = BTreeSet::new();
        for (user, head) in &self.accounts {
            let suspect = |invariant, wrong| {
                let place = head.place.clone();
                Suspect { invariant, place, user: Some(*user), wrong }
            };
            if self.addresses.get(&head.address).is_none_or(|(_, owner)| owner != user) {
                suspects.insert(suspect(ACCOUNT_HAS_ADDRESS, "its address is not claimed for it".to_owned()));
            }
            let name = head.name.as_ref().filter(|name| self.names.get(*name).is_none_or(|(_, owner)| owner != user));
            if let Some(name) = name {
                suspects.insert(suspect(ACCOUNT_HAS_NAME, format!("its username {name} is not claimed for it")));
            }
            let held = self.held.get(user);
            for role in head.granted.iter().filter(|role| held.is_none_or(|held| !held.contains(*role))) {
                suspects.insert(suspect(GRANT_HAS_ITEM, format!("its role {role} has no item")));
            }
        }
        suspects
    }

    fn unlisted_administrators(&self) -> BTreeSet<Suspect> {
        let of = |user: &str, wrong: &str| Suspect {
            invariant: ADMINISTRATORS_ARE_LISTED,
            place: Place { pk: "ADMINISTRATORS".to_owned(), sk: "HEAD".to_owned() },
            user: user.parse().ok(),
            wrong: format!("{user} {wrong}"),
        };
        let acting = self.accounts.iter().filter(|(_, head)| head.acts_as_administrator);
        let acting: BTreeSet<String> = acting.map(|(user, _)| user.to_string()).collect();
        let idle = self.administrators.difference(&acting).map(|user| of(user, "does not act as one"));
        let missing = acting.difference(&self.administrators).map(|user| of(user, "acts as one and is not on it"));
        idle.chain(missing).collect()
    }

    fn loose_items(&self) -> BTreeSet<Suspect> {
        let mut suspects = BTreeSet::new();
        for (place, (user, role)) in &self.roles {
            if self.accounts.get(user).is_none_or(|head| !head.granted.contains(role)) {
                let (place, wrong) = (place.clone(), format!("the account does not have role {role}"));
                suspects.insert(Suspect { invariant: ITEM_HAS_GRANT, place, user: Some(*user), wrong });
            }
        }
        for (place, user) in self.sessions.iter().filter(|(_, user)| !self.accounts.contains_key(*user)) {
            let (place, wrong) = (place.clone(), "the account is not there".to_owned());
            suspects.insert(Suspect { invariant: SESSION_HAS_USER, place, user: Some(*user), wrong });
        }
        for (place, wrong) in self.unknown.iter().cloned() {
            suspects.insert(Suspect { invariant: ITEM_IS_KNOWN, place, user: None, wrong });
        }
        suspects
    }
}

fn whose(is_there: bool, user: Id<id::User>, other: &str) -> String {
    match is_there {
        true => format!("{user} has {other}"),
        false => format!("{user} is not there"),
    }
}

/// By invariant and place, which is the order in which people want to read them.
impl Ord for Suspect {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.invariant, &self.place, &self.wrong).cmp(&(other.invariant, &other.place, &other.wrong))
    }
}

impl PartialOrd for Suspect {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
