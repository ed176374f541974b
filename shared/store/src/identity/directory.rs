//! People as staff list them: all of them, those of a status, those with a role, in the order in which they came.

use domain::identity::people::SearchTerm;
use domain::identity::{Account, Role, Status};
use domain::page::{Limit, Page};
use domain::{Id, id};

use crate::error::StoreError;
use crate::item::read;
use crate::keys;
use crate::list::Order;
use crate::read::Freshness;
use crate::staff::{Listed, Merged};
use crate::{Store, Table};

/// Which people, in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// Only those who have it.
    pub role: Option<Role>,
    /// Only those of it.
    pub status: Option<Status>,
    /// Who comes first.
    pub order: Order,
}

/// Where a page of them begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Behind so many.
    Skipping(usize),
    /// Behind the place that an earlier page answered.
    Behind(String),
}

impl Store {
    /// A page of people. It is somewhat shorter where somebody changed in this moment.
    pub async fn people(&self, people: People, begin: Begin, limit: Limit) -> Result<Page<Account>, StoreError> {
        let (skip, after) = match begin {
            Begin::Skipping(skip) => (skip, None),
            Begin::Behind(place) => (0, Some(place)),
        };
        let limit = usize::from(limit.get());
        let wanted = skip + limit + 1;
        let merged = |lists| Merged::new(self, lists, people.order, everything(), after.clone(), wanted);
        let mut listed = merged(lists(people));
        // Who has a role is disabled or not: both lists are in one order, and that of the disabled is the shorter one.
        let mut disabled = people.role.and(people.status).map(|_| merged(keys::people_lists(Status::Disabled)));
        let mut skipped = 0;
        let mut page: Vec<Listed> = Vec::new();
        let mut next = None;
        while let Some(entry) = listed.next().await? {
            let fits = match &mut disabled {
                Some(disabled) => disabled.has(&entry.place).await? == (people.status == Some(Status::Disabled)),
                None => true,
            };
            match fits {
                false => {}
                true if skipped < skip => skipped += 1,
                true if page.len() < limit => page.push(entry),
                true => {
                    next = page.last().map(|last| last.place.clone());
                    break;
                }
            }
        }
        Ok(Page { items: self.listed_people(people, &page).await?, next })
    }

    /// A page of those whom `term` finds, likewise. The order is that of their ids, which is that of their coming; a place
    /// is an id.
    pub async fn people_found(
        &self,
        term: &SearchTerm,
        people: People,
        begin: Begin,
        limit: Limit,
    ) -> Result<Page<Account>, StoreError> {
        let (mut skip, after) = match begin {
            Begin::Skipping(skip) => (skip, None),
            Begin::Behind(place) => (0, Some(place)),
        };
        let mut ids: Vec<Id<id::User>> = self.search_people(term).await?.ids.into_iter().collect();
        if people.order == Order::Descending {
            ids.reverse();
        }
        let seen = after.and_then(|after| ids.iter().position(|id| id.to_string() == after));
        let ids = ids.split_off(seen.map_or(0, |seen| seen + 1));
        let limit = usize::from(limit.get());
        let mut page: Vec<Account> = Vec::new();
        for some in ids.chunks(usize::from(Limit::MAX)) {
            for account in self.accounts(some).await?.into_iter().filter(|found| term.fits(found) && people.has(found))
            {
                match page.len() {
                    _ if skip > 0 => skip -= 1,
                    full if full == limit => {
                        let next = page.last().map(|last| last.id.to_string());
                        return Ok(Page { items: page, next });
                    }
                    _ => page.push(account),
                }
            }
        }
        Ok(Page { items: page, next: None })
    }

    /// The accounts that still are what the list says.
    async fn listed_people(&self, people: People, page: &[Listed]) -> Result<Vec<Account>, StoreError> {
        let users = page.iter().filter_map(|listed| listed.key.pk.split_once('#')?.1.parse().ok());
        let users: Vec<Id<id::User>> = users.collect();
        let accounts = self.accounts(&users).await?;
        Ok(accounts.into_iter().filter(|account| people.has(account)).collect())
    }

    /// Up to 100 accounts, in the order asked for, without those that are not there. Eventually consistent. One call.
    pub async fn accounts(&self, users: &[Id<id::User>]) -> Result<Vec<Account>, StoreError> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let wanted: Vec<_> = users.iter().map(|user| keys::account(*user)).collect();
        self.get_many(Table::Core, &wanted, Freshness::Eventual).await?.into_iter().flatten().map(read).collect()
    }
}

impl People {
    fn has(&self, account: &Account) -> bool {
        self.status.is_none_or(|status| account.status == status)
            && self.role.is_none_or(|role| account.roles().contains(&role))
    }
}

fn lists(people: People) -> Vec<String> {
    match (people.role, people.status) {
        (Some(role), _) if role != Role::User => keys::role_lists(role),
        (_, Some(status)) => keys::people_lists(status),
        (_, None) => [Status::Active, Status::Disabled].into_iter().flat_map(keys::people_lists).collect(),
    }
}

/// From the first place to the last.
fn everything() -> (String, String) {
    ("!".to_owned(), "~".to_owned())
}
