//! Something that does not fit, as far as was seen.

use std::collections::BTreeSet;

use crate::Invariant;
use crate::book::Book;
use crate::item::Place;

/// Something that does not fit. It is told once it was seen again, read strongly and by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Suspect {
    /// Which invariant it breaks.
    pub invariant: &'static str,
    /// The item that shows it.
    pub place: Place,
    /// What is wrong.
    pub wrong: String,
    /// Whose accounts decide.
    pub users: Vec<String>,
}

/// An invariant between items: how many it is about, and what breaks it.
pub(crate) struct Rule {
    pub name: &'static str,
    pub count: fn(&Book) -> usize,
    pub broken: fn(&Book) -> Vec<Broken>,
}

/// What breaks a rule: at which item, whose accounts decide, and how.
pub(crate) type Broken = (Place, Vec<String>, String);

impl Rule {
    pub fn suspects(&self, book: &Book) -> BTreeSet<Suspect> {
        let broken = (self.broken)(book).into_iter();
        broken.map(|(place, users, wrong)| Suspect { invariant: self.name, place, wrong, users }).collect()
    }

    /// The invariant, with what was confirmed of it.
    pub fn told(&self, book: &Book, confirmed: &BTreeSet<Suspect>) -> Invariant {
        let ours = confirmed.iter().filter(|suspect| suspect.invariant == self.name);
        Invariant::looked_at(self.name, (self.count)(book), ours.map(Suspect::sentence).collect())
    }
}

impl Suspect {
    /// For people.
    fn sentence(&self) -> String {
        format!("{} / {}: {}", self.place.pk, self.place.sk, self.wrong)
    }
}

/// The place of somebody's account, or of what lies beside it.
pub(crate) fn of_person(user: &str, sk: impl Into<String>) -> Place {
    Place { pk: format!("USR#{user}"), sk: sk.into() }
}

/// The place of a claim: `EMAIL` or `NAME`.
pub(crate) fn claim(kind: &str, text: &str) -> Place {
    Place { pk: format!("UNIQ#{kind}#{text}"), sk: "HEAD".to_owned() }
}

/// The key by which an address is claimed; `None` where it takes Unicode's rules to make it.
pub(crate) fn address_key(email: &str) -> Option<String> {
    email.is_ascii().then(|| email.trim().to_ascii_lowercase())
}
