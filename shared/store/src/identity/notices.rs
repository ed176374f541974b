//! Notices: a range of their person's partition, by time. Reading all of them moves one mark; deleting one leaves a stone
//! behind, so that an event that comes again does not tell again.

use domain::event::Category;
use domain::identity::Notice;
use domain::identity::notice::{KEPT_SECONDS, MAX_COUNTED, MAX_LATE_SECONDS};
use domain::page::{Limit, Page};
use domain::{Id, Time, id};
use serde::{Deserialize, Serialize};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read, text};
use crate::list::{List, Order};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

impl Kept for Notice {
    const V: u32 = 1;
}

/// Until when all notices count as read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadMark {
    pub read_until: Time,
}

impl Kept for ReadMark {
    const V: u32 = 1;
}

/// Which notices a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Only the unread ones, or only the others.
    pub unread: Option<bool>,
    /// Only those of one category.
    pub category: Option<Category>,
}

/// Attributes of a notice that a deleted one no longer has.
const CONTENT: [&str; 4] = ["title", "body", "actionPath", "data"];

impl Store {
    /// Keeps a notice, unless it was kept before, even if it was deleted since.
    pub async fn add_notice(&self, user: Id<id::User>, notice: &Notice) -> Result<(), StoreError> {
        let until = notice.created_at.plus_seconds(KEPT_SECONDS);
        let item = NewItem::of(keys::notice(user, notice.id), notice)?.expiring(until);
        match self.put(Write::put(item).if_absent().or(())).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// A page of notices, newest first, behind position `after`; and until when they all count as read.
    pub async fn notices(
        &self,
        user: Id<id::User>,
        wanted: Wanted,
        after: Option<String>,
        limit: Limit,
        now: Time,
    ) -> Result<(Page<Notice>, Option<Time>), StoreError> {
        let mark = self.read_mark(user).await?;
        let mut filters = vec![Condition::Absent("deletedAt")];
        filters.extend(wanted.unread.map(|unread| match unread {
            true => is_unread(mark),
            false => is_read(mark),
        }));
        filters.extend(wanted.category.map(|category| Condition::Equals("category", text(category.as_str()))));
        let since = mark.filter(|_| wanted.unread == Some(true));
        let page = self.list(&range(user, since, now, filters), after, limit).await?;
        let items = page.items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((Page { items, next: page.next }, mark))
    }

    /// How many notices are unread, counted just far enough to know whether they are more than [`MAX_COUNTED`].
    pub async fn count_unread(&self, user: Id<id::User>, now: Time) -> Result<usize, StoreError> {
        let mark = self.read_mark(user).await?;
        let filters = vec![Condition::Absent("deletedAt"), is_unread(mark)];
        self.count(&range(user, mark, now, filters), MAX_COUNTED).await
    }

    /// Marks one notice as read, unless it is already; the notice, if it is there.
    pub async fn read_notice(
        &self,
        user: Id<id::User>,
        notice: Id<id::Notification>,
        now: Time,
    ) -> Result<Option<Notice>, StoreError> {
        let there = [Condition::Present("pk"), Condition::Absent("deletedAt"), Condition::Absent("readAt")];
        let changes = Changes::default().set("readAt", text(now));
        match self.update(Table::Core, &keys::notice(user, notice), &changes, &Condition::All(there.into())).await {
            Ok(item) => read(item).map(Some),
            Err(WriteError::Refused(item)) => item.filter(|item| !item.contains_key("deletedAt")).map(read).transpose(),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Deletes one notice; whether it was there. What is left of it goes when its event can come no more.
    pub async fn delete_notice(
        &self,
        user: Id<id::User>,
        notice: Id<id::Notification>,
        now: Time,
    ) -> Result<bool, StoreError> {
        let there = Condition::All(vec![Condition::Present("pk"), Condition::Absent("deletedAt")]);
        let until = notice.time().plus_seconds(KEPT_SECONDS).min(now.plus_seconds(MAX_LATE_SECONDS));
        let emptied = Changes::default().set("deletedAt", text(now)).set("ttl", number(until.seconds()));
        let emptied = CONTENT.into_iter().fold(emptied, Changes::remove);
        match self.update(Table::Core, &keys::notice(user, notice), &emptied, &there).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Counts everything told until now as read. One write, however many; a later mark stays.
    pub async fn read_all_notices(&self, user: Id<id::User>, now: Time) -> Result<(), StoreError> {
        let earlier = Condition::Any(vec![Condition::Absent("pk"), Condition::Less("readUntil", text(now))]);
        let changes = Changes::default().set("readUntil", text(now)).set("v", number(ReadMark::V));
        match self.update(Table::Core, &keys::read_mark(user), &changes.add("version", number(1)), &earlier).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    async fn read_mark(&self, user: Id<id::User>) -> Result<Option<Time>, StoreError> {
        let item = self.get_raw(Table::Core, &keys::read_mark(user), Freshness::Strong).await?;
        Ok(item.map(read::<ReadMark>).transpose()?.map(|mark| mark.read_until))
    }
}

fn is_unread(mark: Option<Time>) -> Condition {
    let mut all = vec![Condition::Absent("readAt")];
    all.extend(mark.map(|mark| Condition::Greater("storedAt", text(mark))));
    Condition::All(all)
}

fn is_read(mark: Option<Time>) -> Condition {
    let mut any = vec![Condition::Present("readAt")];
    any.extend(mark.map(|mark| Condition::AtMost("storedAt", text(mark))));
    Condition::Any(any)
}

/// The living notices that may have been told after `told_after`.
fn range(user: Id<id::User>, told_after: Option<Time>, now: Time, filters: Vec<Condition>) -> List {
    let living = Time::from_millis(now.plus_seconds(-KEPT_SECONDS).millis() + 1);
    let oldest = told_after.map_or(living, |mark| mark.plus_seconds(-MAX_LATE_SECONDS).max(living));
    let oldest: Id<id::Notification> = Id::new(oldest, [0; 10]);
    List {
        pk: keys::user_partition(user),
        from: format!("{}{oldest}", keys::NOTICES),
        to: format!("{}~", keys::NOTICES),
        order: Order::Descending,
        filter: Some(Condition::All(filters)),
    }
}
