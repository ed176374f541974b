//! The views of people that `projector` keeps: who is found by which word, and counters. What the views hold of somebody
//! stands in a record of its own; record and counters change in one transaction, so an event that comes twice, late or to
//! two instances at once counts once. Words are put before it and deleted behind it: one that a crash leaves over finds
//! somebody whom [`SearchTerm::fits`] then turns away.

use std::collections::BTreeSet;

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
            let changes = Changes::default().set("v", number(1));
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

    /// How many people there are.
    pub async fn people_stats(&self, now: Time) -> Result<PeopleStats, StoreError> {
        let range = Range { pk: keys::COUNTERS.into(), from: "0".into(), to: "~".into(), attributes: &[] };
        let items = self.range(range, Freshness::Eventual).await?;
        let counters = items.iter().flat_map(|item| {
            let month = as_text(item.get("sk")).and_then(|sk| sk.split('#').next()).unwrap_or_default();
            let numbers = item.iter().filter(|(name, _)| *name != "v");
            numbers.filter_map(move |(name, n)| Some((month, name.as_str(), n.as_n().ok()?.parse().ok()?)))
        });
        Ok(PeopleStats::sum(counters, now))
    }
}

/// The person at the end of `{word}#{usr}`.
fn whose(item: &Item) -> Option<Id<id::User>> {
    as_text(item.get("sk"))?.rsplit('#').next()?.parse().ok()
}

/// The first letters of a word, which its partition is named after.
pub(crate) fn first_letters(word: &str) -> String {
    word.chars().take(LETTERS_MIN).collect()
}
