//! Answers that are kept so that a repeated request is answered and not done again. The record is written in the
//! transaction of what it answers: either both are there or neither, wherever a process dies.

use domain::Time;
use domain::time::DAY;
use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::error::StoreError;
use crate::item::{Kept, NewItem, read, text};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

/// How long an answer is kept, in seconds.
pub const KEPT_SECONDS: i64 = DAY;

/// What was answered to one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// What the request was: another one under the same key is a mistake of its sender.
    pub fingerprint: String,
    /// The answer, sealed: it may hold a secret.
    pub answer: String,
    /// From then on the key is free.
    pub expires_at: Time,
}

impl Kept for Answered {
    const V: u32 = 1;
}

/// An answer on its way into the transaction of what it answers.
#[derive(Clone, Debug)]
pub struct Record {
    principal: String,
    key: String,
    at: Time,
    answered: Answered,
}

impl Record {
    /// The answer `sealed` to the request `fingerprint` that `principal` sent under `key`.
    pub fn new(principal: String, key: String, fingerprint: String, sealed: String, at: Time) -> Self {
        let answered = Answered { fingerprint, answer: sealed, expires_at: at.plus_seconds(KEPT_SECONDS) };
        Record { principal, key, at, answered }
    }
}

/// Keeps the answer of a request that may be sent again; `refusal` means that a twin of it was faster. It comes first in
/// its transaction, so that a twin is known as one whatever else it took.
pub(crate) fn kept<E>(record: Option<&Record>, refusal: E) -> Result<Vec<Write<E>>, StoreError> {
    let Some(record) = record else { return Ok(Vec::new()) };
    Ok(vec![guard(record)?.meaning(|()| refusal)])
}

/// The write that keeps an answer. It can succeed once, until the answer is forgotten.
///
/// # Errors
/// When the answer cannot be written as an item.
pub fn guard(record: &Record) -> Result<Write<()>, StoreError> {
    let Record { principal, key, at, answered } = record;
    let item = NewItem::of(keys::answered(principal, key), answered)?.expiring(answered.expires_at);
    let free = Condition::Any(vec![Condition::Absent("pk"), Condition::Less("expiresAt", text(at))]);
    Ok(Write::put(item).when(free).or(()))
}

impl Store {
    /// What was answered to `principal` under `key`.
    pub async fn answered(&self, principal: &str, key: &str, now: Time) -> Result<Option<Answered>, StoreError> {
        let item = self.get_raw(Table::Core, &keys::answered(principal, key), Freshness::Strong).await?;
        let answered: Option<Answered> = item.map(read).transpose()?;
        Ok(answered.filter(|answered| answered.expires_at >= now))
    }
}
