//! Lists: pages of a range of one partition, in either order, without what a filter leaves out.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::page::{Limit, Page};

use crate::condition::{Condition, Placeholders};
use crate::error::StoreError;
use crate::item::Item;
use crate::keys::Key;
use crate::outbox::as_text;
use crate::read::attributes;
use crate::{Store, Table};

/// Which end of a range comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The lowest.
    Ascending,
    /// The highest.
    Descending,
}

/// A range of a partition of table core, and what of it belongs to the list.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub pk: String,
    /// Sort keys from here on.
    pub from: String,
    /// Sort keys up to here.
    pub to: String,
    pub order: Order,
    /// What belongs to the list; the database reads, and charges, what does not too.
    pub filter: Option<Condition>,
}

/// A first try reads this much more than is wanted, so that a few left out by the filter cost no second one.
const SLACK: i32 = 16;

impl Store {
    /// The entries behind sort key `after`, or the first ones. Where the filter leaves much out, a page ends at 1 MB of what
    /// was read, with fewer entries than asked for.
    pub(crate) async fn list(
        &self,
        list: &List,
        after: Option<String>,
        limit: Limit,
    ) -> Result<Page<Item>, StoreError> {
        let wanted = usize::from(limit.get());
        let mut start = after.map(|sk| attributes(&Key { pk: list.pk.clone(), sk }));
        let mut items = Vec::new();
        for evaluated in [Some(i32::from(limit.get()) + SLACK), None] {
            let call = self.query(list).set_limit(evaluated).set_exclusive_start_key(start.take());
            let answer = sent(call).await?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || items.len() >= wanted {
                break;
            }
        }
        let last = match items.len() > wanted {
            true => items.get(wanted.saturating_sub(1)),
            false => start.as_ref(),
        };
        let next = last.and_then(|key| as_text(key.get("sk"))).map(str::to_owned);
        items.truncate(wanted);
        Ok(Page { items, next })
    }

    /// How many entries there are, counted no further than shows that there are more than `most`.
    pub(crate) async fn count(&self, list: &List, most: usize) -> Result<usize, StoreError> {
        let mut counted = 0;
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let answer = sent(self.query(list).select(Select::Count).set_exclusive_start_key(start)).await?;
            counted += usize::try_from(answer.count).unwrap_or(0);
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || counted > most {
                return Ok(counted);
            }
        }
    }

    fn query(&self, list: &List) -> QueryFluentBuilder {
        let mut to = Placeholders::default();
        let filter = list.filter.as_ref().map(|filter| filter.render(&mut to));
        let (names, values) = to.into_parts();
        let call = self.client.query().table_name(self.table(Table::Core));
        call.key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .set_filter_expression(filter)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_names("#sk", "sk")
            .expression_attribute_values(":pk", AttributeValue::S(list.pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(list.from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(list.to.clone()))
            .scan_index_forward(list.order == Order::Ascending)
            .consistent_read(true)
    }
}

async fn sent(call: QueryFluentBuilder) -> Result<QueryOutput, StoreError> {
    call.send().await.map_err(|error| StoreError::from_sdk(&error))
}
