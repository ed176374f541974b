//! Writing: each conditional write names what its failure means, alone or in a transaction (`transact.rs`).
//!
//! The SDK sends a write again when no answer came. A transaction carries a token against that; a lone put that finds
//! exactly its own item there has succeeded.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};

use crate::condition::{Changes, Condition, Placeholders};
use crate::error::{StoreError, WriteError};
use crate::item::{Item, NewItem, text};
use crate::keys::Key;
use crate::read::attributes;
use crate::{Store, Table};

enum Act {
    Put(NewItem),
    Update(Key, Changes),
    Delete(Key),
}

/// A write of table core, with what its refusal means. Only the store makes them; others hand them on, into the transaction
/// of something that must happen together with them or not at all.
pub struct Write<E> {
    act: Act,
    condition: Option<Condition>,
    refusal: Option<E>,
}

impl<E> Write<E> {
    pub(crate) fn put(item: NewItem) -> Self {
        Write { act: Act::Put(item), condition: None, refusal: None }
    }

    pub(crate) fn update(key: Key, changes: Changes) -> Self {
        Write { act: Act::Update(key, changes), condition: None, refusal: None }
    }

    pub(crate) fn delete(key: Key) -> Self {
        Write { act: Act::Delete(key), condition: None, refusal: None }
    }

    /// Only when nothing is there.
    pub(crate) fn if_absent(self) -> Unnamed<E> {
        self.when(Condition::Absent("pk"))
    }

    /// Only when something is there.
    pub(crate) fn if_present(self) -> Unnamed<E> {
        self.when(Condition::Present("pk"))
    }

    /// Only when `condition` holds.
    pub(crate) fn when(mut self, condition: Condition) -> Unnamed<E> {
        self.condition = Some(condition);
        Unnamed(self)
    }

    /// The same write, whose refusal means something else to somebody else.
    pub(crate) fn meaning<F>(self, name: impl FnOnce(E) -> F) -> Write<F> {
        Write { act: self.act, condition: self.condition, refusal: self.refusal.map(name) }
    }

    /// The same write, which leaves one more attribute on its item.
    pub(crate) fn stamped(mut self, name: &str, stamp: &str) -> Self {
        self.act = match self.act {
            Act::Put(mut new) => {
                new.item.insert(name.to_owned(), text(stamp));
                Act::Put(new)
            }
            Act::Update(key, changes) => Act::Update(key, changes.set(name, text(stamp))),
            Act::Delete(key) => Act::Delete(key),
        };
        self
    }
}

/// A conditional write that has not yet said what its failure means; it cannot be sent before it does.
pub(crate) struct Unnamed<E>(Write<E>);

impl<E> Unnamed<E> {
    /// What it means when the condition does not hold.
    pub fn or(mut self, refusal: E) -> Write<E> {
        self.0.refusal = Some(refusal);
        self.0
    }
}

impl Store {
    /// One put of table core.
    pub(crate) async fn put<E>(&self, write: Write<E>) -> Result<(), WriteError<E>> {
        let Write { act: Act::Put(new), condition, refusal } = write else {
            return Err(StoreError::Refused("only puts are written alone".into()).into());
        };
        let mut to = Placeholders::default();
        let condition = condition.map(|condition| condition.render(&mut to));
        let (names, values) = to.into_parts();
        let call = self.client.put_item().table_name(self.table(Table::Core)).set_item(Some(new.item.clone()));
        let call = call.set_condition_expression(condition);
        let call = call.set_expression_attribute_names(names).set_expression_attribute_values(values);
        let answer = call.return_values_on_condition_check_failure(OnFailure::AllOld).send().await;
        let Err(error) = answer else { return Ok(()) };
        let failed = error.as_service_error().and_then(|e| match e {
            aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(e) => Some(e),
            _ => None,
        });
        match (failed, refusal) {
            (Some(failed), _) if failed.item() == Some(&new.item) => Ok(()),
            (Some(_), Some(refusal)) => Err(WriteError::Refused(refusal)),
            _ => Err(StoreError::from_sdk(&error).into()),
        }
    }

    /// One update; answers the item as it is now, or as it was when the condition did not hold.
    pub(crate) async fn update(
        &self,
        table: Table,
        key: &Key,
        changes: &Changes,
        condition: &Condition,
    ) -> Result<Item, WriteError<Option<Item>>> {
        let mut to = Placeholders::default();
        let condition = condition.render(&mut to);
        let expression = changes.render(&mut to);
        let (names, values) = to.into_parts();
        let call = self.client.update_item().table_name(self.table(table)).set_key(Some(attributes(key)));
        let call = call.condition_expression(condition).update_expression(expression);
        let call = call.set_expression_attribute_names(names).set_expression_attribute_values(values);
        let call = call.return_values(ReturnValue::AllNew);
        match call.return_values_on_condition_check_failure(OnFailure::AllOld).send().await {
            Ok(answer) => Ok(answer.attributes.unwrap_or_default()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Err(WriteError::Refused(failed.item.clone()))
                }
                _ => Err(StoreError::from_sdk(&error).into()),
            },
        }
    }

    /// Deletes one item, there or not.
    pub(crate) async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        let call = self.client.delete_item().table_name(self.table(table)).set_key(Some(attributes(key)));
        call.send().await.map(|_| ()).map_err(|error| StoreError::from_sdk(&error))
    }

    /// A write as a part of a transaction, and what its refusal means. Where it is refused, the item there is told.
    pub(crate) fn render<E>(&self, write: Write<E>) -> Result<(TransactWriteItem, Option<E>), StoreError> {
        let table = self.table(Table::Core);
        let mut to = Placeholders::default();
        let condition = write.condition.map(|condition| condition.render(&mut to));
        let item = TransactWriteItem::builder();
        let told = condition.as_ref().map(|_| OnFailure::AllOld);
        let failed = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(error.to_string());
        let item = match write.act {
            Act::Put(new) => {
                let (names, values) = to.into_parts();
                let put = Put::builder().table_name(table).set_item(Some(new.item)).set_condition_expression(condition);
                let put = put.set_expression_attribute_names(names).set_expression_attribute_values(values);
                let put = put.set_return_values_on_condition_check_failure(told);
                item.put(put.build().map_err(failed)?)
            }
            Act::Update(key, changes) => {
                let expression = changes.render(&mut to);
                let (names, values) = to.into_parts();
                let update = Update::builder().table_name(table).set_key(Some(attributes(&key)));
                let update = update.update_expression(expression).set_condition_expression(condition);
                let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
                let update = update.set_return_values_on_condition_check_failure(told);
                item.update(update.build().map_err(failed)?)
            }
            Act::Delete(key) => {
                let (names, values) = to.into_parts();
                let delete = Delete::builder().table_name(table).set_key(Some(attributes(&key)));
                let delete = delete.set_condition_expression(condition);
                let delete = delete.set_expression_attribute_names(names).set_expression_attribute_values(values);
                item.delete(delete.build().map_err(failed)?)
            }
        };
        Ok((item.build(), write.refusal))
    }
}
