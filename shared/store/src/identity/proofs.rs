//! One-time tokens of mailed links, found by their hash. Using one deletes it in the transaction that does what it proves.

use domain::Time;
use domain::event::Event;
use domain::identity::Proof;

use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, read};
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

impl Kept for Proof {
    const V: u32 = 1;
}

impl Store {
    /// Keeps a link; `events` ride along. None for an address that nobody is to be mailed at: the work is the same.
    pub async fn add_proof(&self, hash: &str, proof: &Proof, events: &[Event]) -> Result<(), StoreError> {
        let item = NewItem::of(keys::token(hash), proof)?.expiring(proof.expires_at).telling(events)?;
        match self.put(Write::<()>::put(item)).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// What a link proves, if it is good now.
    pub async fn proof(&self, hash: &str, now: Time) -> Result<Option<Proof>, StoreError> {
        let item = self.get_raw(Table::Core, &keys::token(hash), Freshness::Strong).await?;
        let proof: Option<Proof> = item.map(read).transpose()?;
        Ok(proof.filter(|proof| proof.is_good(now)))
    }
}

/// Uses up a link: refused when it has been used.
pub(super) fn used<E>(hash: &str, refusal: E) -> Write<E> {
    Write::delete(keys::token(hash)).if_present().or(refusal)
}
