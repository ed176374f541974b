//! Lines: what a wallet shows of each transaction, one item for each currency, in the order of booking.

use domain::ledger::{Currency, Kind, Line, Reference, id as ledger_id};
use domain::page::{Limit, Page};
use domain::{Id, Time, id};

use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{number, read, text};
use crate::list::{List, Order};
use crate::read::{Freshness, Range};
use crate::{Store, keys};

/// Which way money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In.
    Incoming,
    /// Out.
    Outgoing,
}

/// Which lines are wanted; nothing said: all.
#[derive(Clone, Debug, Default)]
pub struct LineFilter {
    /// Of this currency.
    pub currency: Option<Currency>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// That went this way.
    pub direction: Option<Direction>,
    /// About this.
    pub reference: Option<Reference>,
    /// Booked then or later.
    pub from: Option<Time>,
    /// Booked before.
    pub before: Option<Time>,
}

impl Store {
    /// A page of somebody's lines, those behind `after`.
    pub async fn lines(
        &self,
        user: Id<id::User>,
        filter: &LineFilter,
        order: Order,
        after: Option<String>,
        limit: Limit,
    ) -> Result<Page<Line>, StoreError> {
        let mut wanted = Vec::new();
        wanted.extend(filter.currency.map(|currency| Condition::Equals("currency", text(currency))));
        wanted.extend(filter.kind.as_ref().map(|kind| Condition::Equals("kind", text(kind.as_str()))));
        wanted.extend(filter.reference.as_ref().map(|about| Condition::Equals("reference", text(about))));
        wanted.extend(filter.direction.map(|direction| match direction {
            Direction::Incoming => Condition::Greater("amount", number(0)),
            Direction::Outgoing => Condition::Less("amount", number(0)),
        }));
        let list = List {
            pk: keys::wallet_partition(user),
            from: filter.from.map_or(keys::LINES.to_owned(), keys::lines_from),
            to: filter.before.map_or(format!("{}~", keys::LINES), keys::lines_from),
            order,
            filter: (!wanted.is_empty()).then_some(Condition::All(wanted)),
        };
        let page = self.list(&list, after, limit).await?;
        let items = page.items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// What somebody's wallet shows of a transaction: a line for each currency.
    pub async fn lines_of(
        &self,
        user: Id<id::User>,
        transaction: Id<ledger_id::Transaction>,
    ) -> Result<Vec<Line>, StoreError> {
        let beginning = format!("{}{transaction}#", keys::LINES);
        let to = format!("{beginning}~");
        let range = Range { pk: keys::wallet_partition(user), from: beginning, to, attributes: &[] };
        self.range(range, Freshness::Strong).await?.into_iter().map(read).collect()
    }
}
