//! Writing: each conditional write names what its failure means, alone or in a transaction, where cancellation reason *i*
//! belongs to operation *i*.
//!
//! The SDK sends a write again when no answer came. A transaction carries a token against that; a lone put that finds
//! exactly its own item there has succeeded.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem, Update,
};

use crate::condition::{Changes, Condition, Placeholders};
use crate::error::{StoreError, WriteError};
use crate::item::{Item, NewItem};
use crate::keys::Key;
use crate::read::attributes;
use crate::{Store, Table};

enum Act {
    Put(NewItem),
    Update(Key, Changes),
    Delete(Key),
}

/// A write of table core, with what its refusal means.
pub(crate) struct Write<E> {
    act: Act,
    condition: Option<Condition>,
    refusal: Option<E>,
}

impl<E> Write<E> {
    pub fn put(item: NewItem) -> Self {
        Write { act: Act::Put(item), condition: None, refusal: None }
    }

    pub fn update(key: Key, changes: Changes) -> Self {
        Write { act: Act::Update(key, changes), condition: None, refusal: None }
    }

    pub fn delete(key: Key) -> Self {
        Write { act: Act::Delete(key), condition: None, refusal: None }
    }

    /// Only when nothing is there.
    pub fn if_absent(self) -> Unnamed<E> {
        self.when(Condition::Absent("pk"))
    }

    /// Only when something is there.
    pub fn if_present(self) -> Unnamed<E> {
        self.when(Condition::Present("pk"))
    }

    /// Only when `condition` holds.
    pub fn when(mut self, condition: Condition) -> Unnamed<E> {
        self.condition = Some(condition);
        Unnamed(self)
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

const MAX_ATTEMPTS: u32 = 6;

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

    /// All writes or none. Conflicts with other transactions are tried again, with growing pauses.
    pub(crate) async fn transact<E>(&self, writes: Vec<Write<E>>) -> Result<(), WriteError<E>> {
        let mut refusals = Vec::with_capacity(writes.len());
        let mut items = Vec::with_capacity(writes.len());
        for write in writes {
            let (item, refusal) = self.render(write)?;
            items.push(item);
            refusals.push(refusal);
        }
        let mut attempt = 0;
        let mut token = fresh_token();
        loop {
            attempt += 1;
            let call = self.client.transact_write_items().set_transact_items(Some(items.clone()));
            let call = call.set_client_request_token(token.clone());
            let Err(error) = call.send().await else { return Ok(()) };
            let reasons = cancellation_reasons(&error);
            // What is in progress is this very transaction, whose first answer was late. Under another token it would be refused
            // by its own effect.
            if reasons.iter().all(|reason| reason != IN_PROGRESS) {
                token = fresh_token();
            }
            if let Some(i) = reasons.iter().position(|reason| reason == "ConditionalCheckFailed")
                && let Some(refusal) = refusals.get_mut(i).and_then(Option::take)
            {
                return Err(WriteError::Refused(refusal));
            }
            let passing = reasons.iter().any(|reason| PASSING_REASONS.contains(&reason.as_str()));
            if !passing {
                return Err(StoreError::from_sdk(&error).into());
            }
            if attempt == MAX_ATTEMPTS {
                return Err(StoreError::Unavailable("transactions keep conflicting".into()).into());
            }
            tokio::time::sleep(pause_before(attempt)).await;
        }
    }

    fn render<E>(&self, write: Write<E>) -> Result<(TransactWriteItem, Option<E>), StoreError> {
        let table = self.table(Table::Core);
        let mut to = Placeholders::default();
        let condition = write.condition.map(|condition| condition.render(&mut to));
        let item = TransactWriteItem::builder();
        let failed = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(error.to_string());
        let item = match write.act {
            Act::Put(new) => {
                let (names, values) = to.into_parts();
                let put = Put::builder().table_name(table).set_item(Some(new.item)).set_condition_expression(condition);
                let put = put.set_expression_attribute_names(names).set_expression_attribute_values(values);
                item.put(put.build().map_err(failed)?)
            }
            Act::Update(key, changes) => {
                let expression = changes.render(&mut to);
                let (names, values) = to.into_parts();
                let update = Update::builder().table_name(table).set_key(Some(attributes(&key)));
                let update = update.update_expression(expression).set_condition_expression(condition);
                let update = update.set_expression_attribute_names(names).set_expression_attribute_values(values);
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

const IN_PROGRESS: &str = "TransactionInProgressException";
const PASSING_REASONS: [&str; 4] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", IN_PROGRESS];

fn cancellation_reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> Vec<String> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default().to_owned()).collect()
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
            vec![IN_PROGRESS.into()]
        }
        _ => Vec::new(),
    }
}

/// What DynamoDB knows a transaction by when it comes again; nothing leaves it to the SDK.
fn fresh_token() -> Option<String> {
    let mut bytes = [0u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// 20, 40, 80 … ms, half of it by chance, so that rivals do not meet again.
fn pause_before(attempt: u32) -> Duration {
    let full = 20u64 << attempt.min(6);
    let mut byte = [0u8; 1];
    let chance = aws_lc_rs::rand::fill(&mut byte).map(|()| u64::from(byte[0])).unwrap_or(128);
    Duration::from_millis(full / 2 + full * chance / 512)
}
