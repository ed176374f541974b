//! Guesses: counted by one conditional write before they are looked at.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Time;
use domain::identity::address::AddressKey;
use domain::identity::guess::{Guesses, MAX_GUESSES, WINDOW_SECONDS};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Item, number, text};
use crate::read::Freshness;
use crate::{Store, Table, keys, outbox};

const MAX_ATTEMPTS: usize = 3;

/// Whether a guess may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It has been counted; this many stand now.
    Counted(u32),
    /// The address is locked for so many seconds.
    Locked(u64),
}

impl Store {
    /// Counts a guess at an address, there or not. One write; two when an old count had to be begun anew.
    pub async fn count_guess(&self, address: &AddressKey, now: Time) -> Result<Guess, StoreError> {
        let key = keys::guesses(address);
        let adds_up = Condition::Greater("lastAt", text(now.plus_seconds(-WINDOW_SECONDS)));
        let allowed = Condition::Less("count", number(MAX_GUESSES));
        let may = Condition::Any(vec![Condition::Absent("pk"), Condition::All(vec![adds_up, allowed])]);
        let one_more = lasting(now).add("count", number(1));
        for _ in 0..MAX_ATTEMPTS {
            let stands = match self.update(Table::Transient, &key, &one_more, &may).await {
                Ok(item) => return Ok(Guess::Counted(count(&item))),
                Err(WriteError::Store(error)) => return Err(error),
                Err(WriteError::Refused(item)) => guesses(&item.unwrap_or_default())?,
            };
            if let Some(seconds) = stands.locked_for(now) {
                return Ok(Guess::Locked(seconds));
            }
            // What stands is too old to add up; whoever begins anew first wins, the others are counted after it.
            let as_seen = Condition::Equals("lastAt", text(stands.last_at));
            let first = lasting(now).set("count", number(1));
            match self.update(Table::Transient, &key, &first, &as_seen).await {
                Ok(_) => return Ok(Guess::Counted(1)),
                Err(WriteError::Store(error)) => return Err(error),
                Err(WriteError::Refused(_)) => {}
            }
        }
        Err(StoreError::Unavailable("guesses keep changing".into()))
    }

    /// What stands at an address. Eventually consistent: staff look at it, nothing decides by it.
    pub async fn guesses_at(&self, address: &AddressKey) -> Result<Option<Guesses>, StoreError> {
        let item = self.get_raw(Table::Transient, &keys::guesses(address), Freshness::Eventual).await?;
        item.map(|item| guesses(&item)).transpose()
    }

    /// Forgets the guesses at an address.
    pub async fn clear_guesses(&self, address: &AddressKey) -> Result<(), StoreError> {
        self.delete(Table::Transient, &keys::guesses(address)).await
    }
}

fn lasting(now: Time) -> Changes {
    let gone = now.plus_seconds(2 * WINDOW_SECONDS).seconds();
    Changes::default().set("lastAt", text(now)).set("ttl", number(gone))
}

fn count(item: &Item) -> u32 {
    item.get("count").and_then(|n: &AttributeValue| n.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn guesses(item: &Item) -> Result<Guesses, StoreError> {
    let last_at = outbox::as_text(item.get("lastAt")).and_then(|at| at.parse().ok());
    let last_at = last_at.ok_or_else(|| StoreError::Corrupt("guesses without a time".into()))?;
    Ok(Guesses { count: count(item), last_at })
}
