//! Lists that only staff read, by index `staff`: each in shards that are read side by side and merged in the order of their
//! places. The index holds keys only and is eventually consistent, so whoever lists looks at the items themselves.

use std::collections::{HashMap, VecDeque};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::item::Item;
use crate::keys::Key;
use crate::list::Order;
use crate::outbox::as_text;
use crate::{Store, Table};

/// The index's name.
const INDEX: &str = "staff";

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its place in the list's order; no other entry has it.
    pub place: String,
    /// Where the item is.
    pub key: Key,
}

/// A part of a list, read so far.
struct Shard {
    list: String,
    found: VecDeque<Listed>,
    start: Option<Item>,
    is_read: bool,
}

/// Lists read as one, as far as somebody asks.
pub(crate) struct Merged<'a> {
    store: &'a Store,
    shards: Vec<Shard>,
    order: Order,
    from: String,
    to: String,
    after: Option<String>,
    ahead: i32,
}

impl<'a> Merged<'a> {
    /// The entries of `lists` with places from `from` to `to`, those behind place `after`; of each shard about as many are
    /// read at once as bring `wanted` together.
    pub fn new(
        store: &'a Store,
        lists: Vec<String>,
        order: Order,
        (mut from, mut to): (String, String),
        after: Option<String>,
        wanted: usize,
    ) -> Self {
        match (order, &after) {
            (Order::Ascending, Some(after)) => from = after.clone(),
            (Order::Descending, Some(after)) => to = after.clone(),
            (_, None) => {}
        }
        // Entries fall into shards by chance: a quarter more than the even share spares a second round nearly always.
        let share = wanted / lists.len().max(1);
        let ahead = i32::try_from(share + share / 4 + 6).unwrap_or(i32::MAX);
        let shard = |list| Shard { list, found: VecDeque::new(), start: None, is_read: false };
        Merged { store, shards: lists.into_iter().map(shard).collect(), order, from, to, after, ahead }
    }

    /// The next entry.
    pub async fn next(&mut self) -> Result<Option<Listed>, StoreError> {
        self.fill().await?;
        let first = self.first();
        Ok(first.and_then(|n| self.shards.get_mut(n)?.found.pop_front()))
    }

    /// Whether an entry has this place. Places are asked for in the list's order.
    pub async fn has(&mut self, place: &str) -> Result<bool, StoreError> {
        loop {
            self.fill().await?;
            let Some(shard) = self.first().and_then(|n| self.shards.get_mut(n)) else { return Ok(false) };
            let Some(next) = shard.found.front() else { return Ok(false) };
            match self.order {
                _ if next.place == place => return Ok(true),
                Order::Ascending if next.place.as_str() > place => return Ok(false),
                Order::Descending if next.place.as_str() < place => return Ok(false),
                _ => drop(shard.found.pop_front()),
            }
        }
    }

    /// The shard whose front comes first.
    fn first(&self) -> Option<usize> {
        let fronts = self.shards.iter().enumerate().filter_map(|(n, shard)| Some((&shard.found.front()?.place, n)));
        let first = match self.order {
            Order::Ascending => fronts.min(),
            Order::Descending => fronts.max(),
        };
        first.map(|(_, n)| n)
    }

    /// Nothing can be merged before the front of every shard is known.
    async fn fill(&mut self) -> Result<(), StoreError> {
        loop {
            let empty = |shard: &Shard| shard.found.is_empty() && !shard.is_read;
            let wanted: Vec<usize> =
                (0..self.shards.len()).filter(|n| self.shards.get(*n).is_some_and(empty)).collect();
            if wanted.is_empty() {
                return Ok(());
            }
            let this = &*self;
            let read = wanted.iter().filter_map(|n| this.shards.get(*n)).map(|shard| this.read(shard));
            let answers = try_join_all(read).await?;
            for (n, (found, start)) in wanted.into_iter().zip(answers) {
                if let Some(shard) = self.shards.get_mut(n) {
                    shard.is_read = start.is_none();
                    shard.start = start;
                    shard.found.extend(found);
                }
            }
        }
    }

    async fn read(&self, shard: &Shard) -> Result<(Vec<Listed>, Option<Item>), StoreError> {
        let names = HashMap::from([("#g".to_owned(), "g".to_owned()), ("#s".to_owned(), "s".to_owned())]);
        let call = self.store.client.query().table_name(self.store.table(Table::Core)).index_name(INDEX);
        let call = call
            .key_condition_expression("#g = :pk AND #s BETWEEN :from AND :to")
            .set_expression_attribute_names(Some(names))
            .expression_attribute_values(":pk", AttributeValue::S(shard.list.clone()))
            .expression_attribute_values(":from", AttributeValue::S(self.from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(self.to.clone()))
            .scan_index_forward(self.order == Order::Ascending)
            .limit(self.ahead)
            .set_exclusive_start_key(shard.start.clone());
        let answer = call.send().await.map_err(|error| StoreError::from_sdk(&error))?;
        let found = answer.items.unwrap_or_default().into_iter().filter_map(|item| listed(&item));
        let found = found.filter(|listed| self.after.as_ref() != Some(&listed.place)).collect();
        Ok((found, answer.last_evaluated_key.filter(|key| !key.is_empty())))
    }
}

fn listed(item: &Item) -> Option<Listed> {
    let part = |name: &str| as_text(item.get(name)).map(str::to_owned);
    Some(Listed { place: part("s")?, key: Key { pk: part("pk")?, sk: part("sk")? } })
}
