//! The one permitted scan, for `souk-admin` alone: replay and the check of what must be consistent. It reads, and pays
//! for, the whole table; no function may do that, and a test holds that none does.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::Entry;
use domain::event::Event;
use domain::identity::people::Seen;
use domain::identity::webhook::{Delivery, Endpoint};
use domain::identity::{Account, ApiKey, Notice, Preferences, Proof, Registration, Role, SecondFactor, Session};
use domain::ledger::{Hold, Line, Original};
use domain::{Id, id};

use crate::error::StoreError;
use crate::identity::accounts::Owner;
use crate::identity::administrators::Administrators;
use crate::identity::endpoints::EndpointCount;
use crate::identity::notices::ReadMark;
use crate::identity::roles::Grant;
use crate::item::{Item, read};
use crate::keys::{self, Key};
use crate::ledger::{Sums, balances, journal};
use crate::once::Answered;
use crate::outbox::{Bare, as_text, read_events};
use crate::read::Freshness;
use crate::{Store, Table};

/// Where an item lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// An item that a walk came by.
#[derive(Debug)]
pub struct Walked {
    /// Where it lies.
    pub place: Place,
    /// What it is.
    pub what: What,
}

/// What an item is, by its key and its schema.
#[derive(Debug)]
pub enum What {
    /// An account.
    Account(Box<Account>),
    /// Anything else that is what its key says.
    Known,
    /// What the views hold of somebody, with the sort key of the counters that they count in.
    Seen(Id<id::User>, String, Box<Seen>),
    /// A word that finds somebody.
    Word(String, Id<id::User>),
    /// No known key fits, or the item does not hold what its key says; and why.
    Unreadable(String),
}

/// Which items a walk brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Everything,
    Events,
}

/// A walk in pages of at most 1 MB of table. It is no snapshot: what changes meanwhile may be seen before or after.
#[derive(Debug)]
pub struct AdminWalk<'a> {
    store: &'a Store,
    wanted: Wanted,
    from: Option<Item>,
    ended: bool,
}

impl Store {
    /// A walk over every item of table core.
    pub fn admin_walk(&self) -> AdminWalk<'_> {
        AdminWalk { store: self, wanted: Wanted::Everything, from: None, ended: false }
    }

    /// A walk over every item that tells events.
    pub fn admin_walk_events(&self) -> AdminWalk<'_> {
        AdminWalk { store: self, wanted: Wanted::Events, from: None, ended: false }
    }

    /// One item as it is now, if it is there.
    pub async fn admin_look(&self, place: &Place) -> Result<Option<Walked>, StoreError> {
        let key = Key { pk: place.pk.clone(), sk: place.sk.clone() };
        let item = self.get_raw(Table::Core, &key, Freshness::Strong).await?;
        Ok(item.map(|item| Walked { place: place.clone(), what: what(place, item) }))
    }

    async fn admin_scan(&self, wanted: Wanted, from: Option<Item>) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let call = self.client.scan().table_name(self.table(Table::Core)).consistent_read(true);
        let call = match wanted {
            Wanted::Everything => call,
            Wanted::Events => call
                .filter_expression("attribute_exists(#out)")
                .projection_expression("#pk, #sk, #out")
                .expression_attribute_names("#pk", "pk")
                .expression_attribute_names("#sk", "sk")
                .expression_attribute_names("#out", "out"),
        };
        let answer = call.set_exclusive_start_key(from).send().await;
        let answer = answer.map_err(|error| StoreError::from_sdk(&error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key.filter(|key| !key.is_empty())))
    }
}

impl AdminWalk<'_> {
    async fn page(&mut self) -> Result<Option<Vec<Item>>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let (items, next) = self.store.admin_scan(self.wanted, self.from.take()).await?;
        self.ended = next.is_none();
        self.from = next;
        Ok(Some(items))
    }

    /// The next items; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Walked>>, StoreError> {
        Ok(self.page().await?.map(|items| items.into_iter().map(walked).collect()))
    }

    /// What the next items tell, each list with its item's place; `Err` in it when it cannot be read.
    pub async fn next_events(&mut self) -> Result<Option<Vec<(Place, Result<Vec<Event>, String>)>>, StoreError> {
        let told = |item: Item| {
            let place = place(&item);
            let out = item.get("out").and_then(|out| out.as_b().ok());
            let events = out.ok_or("attribute out is not binary".to_owned());
            (place, events.and_then(|out| read_events(out.as_ref()).map_err(|error| error.to_string())))
        };
        Ok(self.page().await?.map(|items| items.into_iter().map(told).collect()))
    }
}

fn place(item: &Item) -> Place {
    let part = |name: &str| as_text(item.get(name)).unwrap_or_default().to_owned();
    Place { pk: part("pk"), sk: part("sk") }
}

fn walked(item: Item) -> Walked {
    let place = place(&item);
    let what = what(&place, item);
    Walked { place, what }
}

/// A new pattern of keys needs its line here, or the tool calls its items unknown.
fn what(place: &Place, item: Item) -> What {
    let out = item.get("out").map(AttributeValue::as_b);
    if out.is_some_and(|out| out.is_err() || out.is_ok_and(|out| read_events(out.as_ref()).is_err())) {
        return What::Unreadable("attribute out holds no events".to_owned());
    }
    let (pk, sk) = (place.pk.as_str(), place.sk.as_str());
    let known = match (pk.split_once('#').unwrap_or((pk, "")), sk.split_once('#').unwrap_or((sk, ""))) {
        (("USR", user), (kind, rest)) => of_person(user, kind, rest, item),
        (("UNIQ", rest), ("HEAD", "")) => match rest.split_once('#').unwrap_or((rest, "")) {
            ("EMAIL" | "NAME", _) => read(item).map(|_: Owner| What::Known),
            _ => Err(no_pattern()),
        },
        (("ADMINISTRATORS", ""), ("HEAD", "")) => read(item).map(|_: Administrators| What::Known),
        (("AUD", target), (_, "")) => read(item).and_then(|entry: Entry| match entry.act.target_id == target {
            true => Ok(What::Known),
            false => Err(StoreError::Corrupt("is about another".into())),
        }),
        (("REG", _), (id, "")) if id.starts_with("evt_") => read(item).map(|_: Bare| What::Known),
        (("REG", _), _) => read(item).map(|_: Registration| What::Known),
        (("VIEW", user), ("HEAD", "")) => read(item).and_then(|seen: Seen| {
            let user = user.parse().map_err(|_| no_pattern())?;
            Ok(What::Seen(user, keys::counters(&seen.month, user).sk, Box::new(seen)))
        }),
        (("PPL", _), _) => read(item).and_then(|_: Bare| {
            let (word, user) = sk.rsplit_once('#').ok_or_else(no_pattern)?;
            Ok(What::Word(word.to_owned(), user.parse().map_err(|_| no_pattern())?))
        }),
        (("STAT", ""), _) => Ok(What::Known),
        (("IDEM", _), ("HEAD", "")) => read(item).map(|_: Answered| What::Known),
        (("DUE", _), _) => read(item).map(|_: crate::due::Record| What::Known),
        (("WHE", _), ("DLV", _)) => read(item).map(|_: Delivery| What::Known),
        (("WHE", _), ("OPEN", _)) => read(item).map(|_: Bare| What::Known),
        (("WAL", user), (kind, _)) => of_wallet(user, kind, item),
        (("JRN", _), (_, "")) => journal::entry(item).map(|_| What::Known),
        (("REV", _), ("HEAD", "")) => read(item).map(|_: Original| What::Known),
        (("TOKEN", _), ("HEAD", "")) => read(item).map(|_: Proof| What::Known),
        _ => Err(no_pattern()),
    };
    known.unwrap_or_else(|error| What::Unreadable(error.to_string()))
}

fn of_person(user: &str, kind: &str, rest: &str, item: Item) -> Result<What, StoreError> {
    let user: Id<id::User> = user.parse().map_err(|_| no_pattern())?;
    let theirs = |owner: Id<id::User>| (owner == user).then_some(()).ok_or(StoreError::Corrupt("is another's".into()));
    match (kind, rest) {
        ("HEAD", "") => {
            let account: Account = read(item)?;
            theirs(account.id).map(|()| What::Account(Box::new(account)))
        }
        ("SES", _) => theirs(read::<Session>(item)?.user).map(|()| What::Known),
        ("KEY", _) => theirs(read::<ApiKey>(item)?.user).map(|()| What::Known),
        ("MFA", "") => theirs(read::<SecondFactor>(item)?.user).map(|()| What::Known),
        ("ROLE", role) => {
            role.parse::<Role>().map_err(|_| no_pattern())?;
            read(item).map(|_: Grant| What::Known)
        }
        // Of a deleted notice only its place is left.
        ("NTF", _) if item.contains_key("deletedAt") => Ok(What::Known),
        ("NTF", _) => read(item).map(|_: Notice| What::Known),
        ("READ", "") => read(item).map(|_: ReadMark| What::Known),
        ("PREF", "") => read(item).map(|_: Preferences| What::Known),
        ("WHE", "") => read(item).map(|_: EndpointCount| What::Known),
        ("WHE", _) => theirs(read::<Endpoint>(item)?.owner).map(|()| What::Known),
        ("EVT", _) => read(item).map(|_: Bare| What::Known),
        _ => Err(no_pattern()),
    }
}

fn of_wallet(user: &str, kind: &str, item: Item) -> Result<What, StoreError> {
    let user: Id<id::User> = user.parse().map_err(|_| no_pattern())?;
    let owner = match kind {
        "B" => balances::wallet(user, &item)?.user,
        "L" => read::<Line>(item)?.user,
        "H" => read::<Hold>(item)?.user,
        "C" => read::<Sums>(item).map(|_| user)?,
        _ => return Err(no_pattern()),
    };
    (owner == user).then_some(What::Known).ok_or(StoreError::Corrupt("is another's".into()))
}

fn no_pattern() -> StoreError {
    StoreError::Corrupt("no known pattern of keys fits".into())
}
