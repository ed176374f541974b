//! GET /api/v1/users

use axum::extract::State;
use domain::Failure;
use domain::identity::people::{PeopleStats, SearchTerm};
use domain::identity::{Role, Status, UserSummary};
use entry::{About, Answer, As, Checked, Operator, Pagination, Paging, Query, Shown};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Order;
use store::identity::{Begin, People};

use crate::Users;

/// What the document says.
pub const ABOUT: About = About {
    summary: "List people",
    description: "Newest first unless `sort` says otherwise; of a role, of a status, or both; \
                  by the beginning of an address or of words of the name. Pages come by number or by \
                  cursor, not by both. `total` and `totalPages` are numbers where they are counted, else null.",
    errors: &[],
};

/// As far as pages by number reach, in entries.
const MAX_NUMBERED: u64 = 10_000;

/// Who comes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub enum Sort {
    /// The oldest account.
    #[serde(rename = "createdAt")]
    OldestFirst,
    /// The newest account.
    #[default]
    #[serde(rename = "-createdAt")]
    NewestFirst,
}

/// Which people.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Filter {
    /// Which page, from 1; page times limit is at most 10,000.
    #[garde(range(min = 1, max = MAX_NUMBERED))]
    pub page: Option<u64>,
    /// Only those with a word of the name, or an address, that begins with it.
    #[garde(dive)]
    pub search: Option<Checked<SearchTerm>>,
    /// Only those who have it.
    #[garde(dive)]
    pub role: Option<Checked<Role>>,
    /// Only those of it.
    pub status: Option<Status>,
    /// Who comes first.
    #[serde(default)]
    pub sort: Sort,
}

/// A page of people.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listing {
    /// Who they are.
    pub users: Vec<UserSummary>,
    /// What comes before and after.
    pub pagination: Numbered,
}

/// What comes before and after a page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Numbered {
    #[serde(flatten)]
    next: Pagination,
    /// Absent where the page was asked for by cursor.
    #[serde(flatten)]
    number: Option<Number>,
}

/// Which page it is of how many.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Number {
    page: u64,
    has_prev: bool,
    /// How many people there are, where that is counted.
    total: Option<u64>,
    total_pages: Option<u64>,
}

/// Where a page by number begins.
fn numbered(page: u64, limit: u8) -> Result<Begin, Failure> {
    let limit = u64::from(limit);
    if page * limit > MAX_NUMBERED {
        return Err(Failure::field("page", format!("times limit must be at most {MAX_NUMBERED}: use the cursor")));
    }
    Ok(Begin::Skipping(usize::try_from((page - 1) * limit).unwrap_or(usize::MAX)))
}

/// How many there are by the counters, which are seconds behind.
fn counted(stats: &PeopleStats, people: People) -> u64 {
    let counted = match (people.role, people.status) {
        (Some(role), _) => stats.by_role.get(role.as_str()).copied().unwrap_or(0),
        (None, Some(Status::Active)) => stats.active,
        (None, Some(Status::Disabled)) => stats.disabled,
        (None, None) => stats.total,
    };
    u64::try_from(counted).unwrap_or(0)
}

/// Two round trips: the index, or the view that finds people by words, then the accounts.
pub async fn handle(
    State(users): State<Users>,
    operator: As<Operator>,
    Query(filter): Query<Filter>,
    paging: Paging,
) -> Answer<Shown<Listing>> {
    let caller = operator.caller.account.id;
    if filter.page.is_some() && paging.is_continued() {
        return Err(Failure::field("page", "and cursor exclude each other").into());
    }
    let page = filter.page.unwrap_or(1);
    let begin = match paging.begins(&users.cursors, &caller)? {
        Some(place) => Begin::Behind(place),
        None => numbered(page, paging.limit.get())?,
    };
    let order = match filter.sort {
        Sort::OldestFirst => Order::Ascending,
        Sort::NewestFirst => Order::Descending,
    };
    let people = People { role: filter.role.map(Checked::get).transpose()?, status: filter.status, order };
    let term = filter.search.map(Checked::get).transpose()?;
    let is_counted = term.is_none() && !(people.role.is_some() && people.status.is_some()) && !paging.is_continued();
    let store = &users.app.store;
    let found = async {
        match &term {
            Some(term) => store.people_found(term, people, begin, paging.limit).await,
            None => store.people(people, begin, paging.limit).await,
        }
    };
    let total = async {
        match is_counted {
            true => Ok(Some(counted(&store.people_stats(users.app.clock.now()).await?, people))),
            false => Ok(None),
        }
    };
    let (found, total) = tokio::try_join!(found, total)?;
    let total_pages = total.map(|total| total.div_ceil(u64::from(paging.limit.get())));
    let number = Number { page, has_prev: page > 1, total, total_pages };
    let pagination = Numbered {
        next: paging.follows(&users.cursors, &caller, &found)?,
        number: (!paging.is_continued()).then_some(number),
    };
    let users = found.items.iter().map(UserSummary::from).collect();
    Ok(Shown::new("People", Listing { users, pagination }))
}
