//! Reading: one item, a few items at once, a range of a partition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::error::StoreError;
use crate::item::Item;
use crate::keys::Key;
use crate::{Store, Table};

/// Whether an answer must know every write that was acknowledged before. Costs twice as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Perhaps not; a second late at most, as a rule.
    Eventual,
    /// It does.
    Strong,
}

/// A range of one partition.
pub(crate) struct Range<'a> {
    pub pk: String,
    /// Sort keys from here on, with this beginning in common with the range.
    pub from: String,
    /// Sort keys up to here.
    pub to: String,
    /// Attributes to bring; empty: all.
    pub attributes: &'a [&'static str],
}

/// A page of a range: at most 1 MB.
pub(crate) struct Page {
    pub items: Vec<Item>,
    /// The last key read, when there may be more behind it.
    pub next: Option<Key>,
}

const MAX_BATCH_ROUNDS: usize = 4;

impl Store {
    pub(crate) async fn get_raw(&self, table: Table, key: &Key, fresh: Freshness) -> Result<Option<Item>, StoreError> {
        let call = self.client.get_item().table_name(self.table(table)).set_key(Some(attributes(key)));
        let answer = call.consistent_read(fresh == Freshness::Strong).send().await;
        Ok(answer.map_err(|error| StoreError::from_sdk(&error))?.item)
    }

    /// Up to 100 items of a table in one call, in the order of `keys`.
    pub(crate) async fn get_many(
        &self,
        table: Table,
        keys: &[Key],
        fresh: Freshness,
    ) -> Result<Vec<Option<Item>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: Vec<Option<Item>> = vec![None; keys.len()];
        let mut wanted: Vec<Item> = keys.iter().map(attributes).collect();
        for _ in 0..MAX_BATCH_ROUNDS {
            let consistent = fresh == Freshness::Strong;
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(consistent).build();
            let request = request.map_err(|error| StoreError::Refused(error.to_string()))?;
            let call = self.client.batch_get_item().request_items(self.table(table), request);
            let answer = call.send().await.map_err(|error| StoreError::from_sdk(&error))?;
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let place = keys.iter().position(|key| is_at(&item, key));
                if let Some(slot) = place.and_then(|place| found.get_mut(place)) {
                    *slot = Some(item);
                }
            }
            wanted = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
            if wanted.is_empty() {
                return Ok(found);
            }
        }
        Err(StoreError::Unavailable("keys stay unprocessed".into()))
    }

    /// All items of a range of table core; ranges are bounded by their meaning.
    pub(crate) async fn range(&self, range: Range<'_>, fresh: Freshness) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let page = self.range_page(&range, after.as_ref(), fresh).await?;
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(items);
            }
        }
    }

    /// The page of a range that begins behind key `after`, or with the range.
    pub(crate) async fn range_page(
        &self,
        range: &Range<'_>,
        after: Option<&Key>,
        fresh: Freshness,
    ) -> Result<Page, StoreError> {
        let mut names = HashMap::from([("#pk".to_owned(), "pk".to_owned()), ("#sk".to_owned(), "sk".to_owned())]);
        let projection: Vec<String> = range.attributes.iter().map(|name| format!("#{name}")).collect();
        names.extend(range.attributes.iter().map(|name| (format!("#{name}"), (*name).to_owned())));
        let call = self.client.query().table_name(self.table(Table::Core));
        let call = call
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .set_expression_attribute_names(Some(names))
            .expression_attribute_values(":pk", AttributeValue::S(range.pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(range.from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(range.to.clone()))
            .set_projection_expression((!projection.is_empty()).then(|| projection.join(", ")))
            .consistent_read(fresh == Freshness::Strong)
            .set_exclusive_start_key(after.map(attributes));
        let answer = call.send().await.map_err(|error| StoreError::from_sdk(&error))?;
        let part = |key: &Item, name: &str| crate::outbox::as_text(key.get(name)).map(str::to_owned);
        let next = answer.last_evaluated_key.as_ref();
        let next = next.and_then(|key| Some(Key { pk: part(key, "pk")?, sk: part(key, "sk")? }));
        Ok(Page { items: answer.items.unwrap_or_default(), next })
    }
}

/// A key as attributes.
pub(crate) fn attributes(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

fn is_at(item: &Item, key: &Key) -> bool {
    let part = |name: &str| crate::outbox::as_text(item.get(name));
    part("pk") == Some(&key.pk) && part("sk") == Some(&key.sk)
}
