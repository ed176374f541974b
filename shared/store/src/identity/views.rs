//! The views of people that `projector` keeps: who is found by which word, and counters. What the views hold of somebody
//! stands in a record of its own; record and counters change in one transaction, so an event that comes twice, late or to
//! two instances at once counts once. Words are put before it and deleted behind it: one that a crash leaves over finds
//! somebody whom [`SearchTerm::fits`] then turns away.

use std::collections::{BTreeMap, BTreeSet};

use domain::identity::Account;
use domain::identity::people::{LETTERS_MIN, PeopleStats, SearchTerm, Seen};
use domain::{Id, Time, id};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Item, Kept, NewItem, number, read};
use crate::keys::Key;
use crate::outbox::{as_text, bare};
use crate::read::{Freshness, Range};
use crate::write::Write;
use crate::{Store, Table, keys};

impl Kept for Seen {
    const V: u32 = 1;
}

/// Who is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order in which they registered.
    pub ids: BTreeSet<Id<id::User>>,
    /// Whether there may be more than [`FOUND_MAX`].
    pub is_cut: bool,
}

/// The most people that one search finds.
pub const FOUND_MAX: usize = 10_000;
/// Counters of one month lie in so many items, so that no item is hot.
pub(crate) const COUNTER_SHARDS: u8 = 4;
/// Rivals for one person are other events about them.
const ATTEMPTS_MAX: usize = 6;

/// Counters by name.
pub type Counters = BTreeMap<String, i64>;

/// An item of counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Its counters.
    pub counters: Counters,
    /// How often they have changed.
    pub changes: i64,
}

const CHANGES: &str = "changes";

/// Somebody's record was written meanwhile.
struct Overtaken;

/// Which of a person's words are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// What has changed.
    Changes,
    /// All, whatever the views hold already: they are made anew.
    Anew,
}

impl Store {
    /// Brings the views of one person up to date with their account as it is now.
    pub async fn project_person(&self, user: Id<id::User>, how: Thoroughness) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS_MAX {
            let wanted = [keys::account(user), keys::seen(user)];
            let mut found = self.get_many(Table::Core, &wanted, Freshness::Strong).await?.into_iter();
            let mut next = || found.next().flatten();
            let (account, before) = (next().map(read::<Account>).transpose()?, next().map(read::<Seen>).transpose()?);
            let revision = before.as_ref().map_or(1, |before| before.revision + 1);
            let after = account.map(|account| Seen::of(&account, revision));
            let is_done = match (&before, &after) {
                (None, None) => true,
                (Some(before), Some(after)) => {
                    before.version > after.version || (how == Thoroughness::Changes && before.shows_the_same_as(after))
                }
                _ => false,
            };
            if is_done {
                return Ok(());
            }
            match self.move_views(user, before.as_ref(), after.as_ref(), how).await {
                Err(WriteError::Refused(Overtaken)) => {}
                Err(WriteError::Store(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
        Err(StoreError::Unavailable("too many events about one person at once".into()))
    }

    async fn move_views(
        &self,
        user: Id<id::User>,
        before: Option<&Seen>,
        after: Option<&Seen>,
        how: Thoroughness,
    ) -> Result<(), WriteError<Overtaken>> {
        let none = BTreeSet::new();
        let (old, new) = (before.map_or(&none, |seen| &seen.words), after.map_or(&none, |seen| &seen.words));
        let is_due = |word: &&String| how == Thoroughness::Anew || !old.contains(*word);
        let puts: Result<Vec<NewItem>, _> =
            new.iter().filter(is_due).map(|word| bare(keys::word(word, user))).collect();
        self.write_many(puts?, Vec::new()).await?;
        let record = keys::seen(user);
        let condition = match before {
            Some(before) => Condition::Equals("revision", number(before.revision)),
            None => Condition::Absent("pk"),
        };
        let record = match after {
            Some(after) => Write::put(NewItem::of(record, after)?),
            None => Write::delete(record),
        };
        let mut writes = vec![record.when(condition).or(Overtaken)];
        let steps = Seen::steps(before, after);
        if let (false, Some(month)) = (steps.is_empty(), after.or(before).map(|seen| &seen.month)) {
            let changes = Changes::default().set("v", number(1)).add(CHANGES, number(1));
            let changes = steps.iter().fold(changes, |changes, (name, step)| changes.add(name, number(step)));
            writes.push(Write::update(keys::counters(month, user), changes));
        }
        self.transact(writes).await?;
        let gone: Vec<Key> = old.difference(new).map(|word| keys::word(word, user)).collect();
        Ok(self.write_many(Vec::new(), gone).await?)
    }

    /// Who may be meant by `term`. The view may be behind by seconds: ask [`SearchTerm::fits`] of each account.
    pub async fn search_people(&self, term: &SearchTerm) -> Result<Found, StoreError> {
        let beginning = term.longest();
        let range = Range {
            pk: keys::words(beginning),
            from: beginning.to_owned(),
            to: format!("{beginning}\u{10FFFF}"),
            attributes: &["sk"],
        };
        let (mut found, mut after) = (Found::default(), None);
        loop {
            let page = self.range_page(&range, after.as_ref(), Freshness::Eventual).await?;
            found.ids.extend(page.items.iter().filter_map(whose));
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
            if found.ids.len() >= FOUND_MAX {
                return Ok(Found { is_cut: true, ..found });
            }
        }
    }

    /// Takes a word off somebody whom it should not find; answers whether it is off, which it is not when their account
    /// has it by now.
    pub async fn admin_forget_word(&self, word: &str, user: Id<id::User>) -> Result<bool, StoreError> {
        let account = self.account(user).await?;
        if account.is_some_and(|account| Seen::of(&account, 0).words.contains(word)) {
            return Ok(false);
        }
        self.write_many(Vec::new(), vec![keys::word(word, user)]).await.map(|()| true)
    }

    /// All counters of people, by the sort key of their item.
    pub async fn admin_counters(&self) -> Result<BTreeMap<String, Counted>, StoreError> {
        let items = self.range(counters(), Freshness::Strong).await?;
        let of_item = |item: &Item| Some((as_text(item.get("sk"))?.to_owned(), figures(item)));
        Ok(items.iter().filter_map(of_item).collect())
    }

    /// Sets the counters of one item, unless somebody has counted since they were `known`; answers whether it did.
    pub async fn admin_set_counters(
        &self,
        place: &str,
        known: Option<&Counted>,
        wanted: &Counters,
    ) -> Result<bool, StoreError> {
        let mut new = bare(keys::counters_at(place))?;
        new.item.extend(wanted.iter().map(|(name, n)| (name.clone(), number(n))));
        new.item.insert(CHANGES.to_owned(), number(known.map_or(1, |known| known.changes + 1)));
        let unchanged = match known {
            None => Condition::Absent("pk"),
            Some(known) => Condition::Equals(CHANGES, number(known.changes)),
        };
        match self.put(Write::put(new).when(unchanged).or(())).await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(())) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// How many people there are.
    pub async fn people_stats(&self, now: Time) -> Result<PeopleStats, StoreError> {
        let items = self.range(counters(), Freshness::Eventual).await?;
        let months = items.iter().map(|item| (as_text(item.get("sk")).unwrap_or_default(), figures(item)));
        let months: Vec<(&str, Counted)> = months.collect();
        let counters = months.iter().flat_map(|(place, counted)| {
            let month = place.split('#').next().unwrap_or_default();
            counted.counters.iter().map(move |(name, n)| (month, name.as_str(), *n))
        });
        Ok(PeopleStats::sum(counters, now))
    }
}

/// The items of all counters.
fn counters() -> Range<'static> {
    Range { pk: keys::COUNTERS.into(), from: "0".into(), to: "~".into(), attributes: &[] }
}

/// What an item of counters holds.
fn figures(item: &Item) -> Counted {
    let numbers = item.iter().filter(|(name, _)| *name != "v");
    let numbers = numbers.filter_map(|(name, n)| Some((name.clone(), n.as_n().ok()?.parse().ok()?)));
    let mut counters: Counters = numbers.collect();
    let changes = counters.remove(CHANGES).unwrap_or_default();
    Counted { counters, changes }
}

/// The person at the end of `{word}#{usr}`.
fn whose(item: &Item) -> Option<Id<id::User>> {
    as_text(item.get("sk"))?.rsplit('#').next()?.parse().ok()
}

/// The first letters of a word, which its partition is named after.
pub(crate) fn first_letters(word: &str) -> String {
    word.chars().take(LETTERS_MIN).collect()
}
