//! Transactions: all writes or none. Cancellation reason *i* belongs to operation *i*.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::Store;
use crate::error::{StoreError, WriteError};
use crate::item::Item;
use crate::write::Write;

/// Why a transaction did not happen.
pub(crate) enum Cancelled {
    /// One for each of its writes, some of them conditions that did not hold or conflicts with other transactions.
    Reasons(Vec<Reason>),
    /// It failed as a whole.
    Failed(StoreError),
}

/// What DynamoDB knows a transaction by when it comes again; nothing leaves it to the SDK.
pub(crate) struct Token(Option<String>);

impl Token {
    /// One that no transaction had.
    pub fn fresh() -> Token {
        let mut bytes = [0u8; 16];
        let random = aws_lc_rs::rand::fill(&mut bytes);
        Token(random.ok().map(|()| bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

/// What became of one write of a transaction that did not happen.
pub(crate) struct Reason {
    code: String,
    /// What was there, where a condition did not hold.
    pub item: Option<Item>,
}

impl Reason {
    /// Whether its condition did not hold.
    pub fn is_condition(&self) -> bool {
        self.code == "ConditionalCheckFailed"
    }

    /// Whether somebody else was at it, or the database is busy: trying again may help.
    pub fn is_passing(&self) -> bool {
        PASSING.contains(&self.code.as_str())
    }
}

const IN_PROGRESS: &str = "TransactionInProgressException";
const PASSING: [&str; 4] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", IN_PROGRESS];
const MAX_ATTEMPTS: u32 = 6;

impl Store {
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
        let mut token = Token::fresh();
        loop {
            attempt += 1;
            let reasons = match self.attempt(&items, &mut token).await {
                Ok(()) => return Ok(()),
                Err(Cancelled::Failed(error)) => return Err(error.into()),
                Err(Cancelled::Reasons(reasons)) => reasons,
            };
            let refused = reasons.iter().position(Reason::is_condition);
            if let Some(refusal) = refused.and_then(|i| refusals.get_mut(i)).and_then(Option::take) {
                return Err(WriteError::Refused(refusal));
            }
            if attempt == MAX_ATTEMPTS {
                return Err(StoreError::Unavailable("transactions keep conflicting".into()).into());
            }
            tokio::time::sleep(pause_before(attempt)).await;
        }
    }

    /// One try under a token, which is renewed when it was for nothing.
    pub(crate) async fn attempt(&self, items: &[TransactWriteItem], token: &mut Token) -> Result<(), Cancelled> {
        let call = self.client.transact_write_items().set_transact_items(Some(items.to_vec()));
        let call = call.set_client_request_token(token.0.clone());
        let Err(error) = call.send().await else { return Ok(()) };
        let reasons: Vec<Reason> = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons().iter();
                reasons
                    .map(|reason| Reason {
                        code: reason.code().unwrap_or_default().to_owned(),
                        item: reason.item().cloned(),
                    })
                    .collect()
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                vec![Reason { code: IN_PROGRESS.into(), item: None }]
            }
            _ => Vec::new(),
        };
        // What is in progress is this very transaction, whose first answer was late, and what has no reasons may have been
        // done. Under another token it would be refused by its own effect.
        if !reasons.is_empty() && reasons.iter().all(|reason| reason.code != IN_PROGRESS) {
            *token = Token::fresh();
        }
        match reasons.iter().any(|reason| reason.is_condition() || reason.is_passing()) {
            true => Err(Cancelled::Reasons(reasons)),
            false => Err(Cancelled::Failed(StoreError::from_sdk(&error))),
        }
    }
}

/// 20, 40, 80 … ms, half of it by chance, so that rivals do not meet again.
fn pause_before(attempt: u32) -> Duration {
    let full = 20u64 << attempt.min(6);
    let mut byte = [0u8; 1];
    let chance = aws_lc_rs::rand::fill(&mut byte).map(|()| u64::from(byte[0])).unwrap_or(128);
    Duration::from_millis(full / 2 + full * chance / 512)
}
