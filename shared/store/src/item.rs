//! Items: a value of the domain between its key and what every item carries.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Time;
use domain::event::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::keys::Key;

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A value that is kept as an item. Its schema number `v` goes up when its attributes change meaning; readers accept
/// the last two, writers write the newest.
pub(crate) trait Kept: Serialize + DeserializeOwned {
    /// The schema number that is written.
    const V: u32;

    /// Lifts an item of schema `V - 1` to `V`.
    fn lift(_item: &mut Item) {}
}

/// Attributes that belong to the store, not to the value.
const OWN: [&str; 8] = ["pk", "sk", "v", "ttl", "out", "g", "s", STAMP];
/// Says on the item of a guard what was done when it was written.
pub(crate) const STAMP: &str = "stamp";

/// An item in the making.
#[derive(Clone, Debug)]
pub(crate) struct NewItem {
    pub item: Item,
}

impl NewItem {
    /// The item of `value` at `key`.
    pub fn of<T: Kept>(key: Key, value: &T) -> Result<Self, StoreError> {
        let mut item: Item = serde_dynamo::to_item(value).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        item.insert("pk".into(), AttributeValue::S(key.pk));
        item.insert("sk".into(), AttributeValue::S(key.sk));
        item.insert("v".into(), number(T::V));
        Ok(NewItem { item })
    }

    /// Lets DynamoDB remove the item some time after `at`; readers refuse it from `at` on by themselves.
    pub fn expiring(mut self, at: Time) -> Self {
        self.item.insert("ttl".into(), number(at.seconds()));
        self
    }

    /// Puts the item into a list that only staff read, at a place in its order.
    pub fn listed(mut self, list: String, place: String) -> Self {
        self.item.insert("g".into(), AttributeValue::S(list));
        self.item.insert("s".into(), AttributeValue::S(place));
        self
    }

    /// Lets events ride on the insertion of this item.
    pub fn telling(mut self, events: &[Event]) -> Result<Self, StoreError> {
        let out = serde_json::to_vec(events).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        self.item.insert("out".into(), AttributeValue::B(Blob::new(out)));
        Ok(self)
    }
}

/// The value that an item holds.
pub(crate) fn read<T: Kept>(mut item: Item) -> Result<T, StoreError> {
    let found = item.get("v").and_then(|v| v.as_n().ok()).and_then(|n| n.parse::<u32>().ok());
    match found {
        Some(v) if v == T::V => {}
        Some(v) if v + 1 == T::V => T::lift(&mut item),
        other => return Err(StoreError::Corrupt(format!("schema {other:?}, expected {}", T::V))),
    }
    for name in OWN {
        item.remove(name);
    }
    serde_dynamo::from_item(item).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A number as an attribute.
pub(crate) fn number(n: impl ToString) -> AttributeValue {
    AttributeValue::N(n.to_string())
}

/// A text as an attribute.
pub(crate) fn text(s: impl ToString) -> AttributeValue {
    AttributeValue::S(s.to_string())
}
