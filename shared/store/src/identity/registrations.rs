//! Registrations that wait, their one-time tokens, and the moment one becomes an account.

use domain::event::Event;
use domain::identity::address::AddressKey;
use domain::identity::registration::MAX_WAITING;
use domain::identity::{Account, EmailAddress, Registration};
use domain::{Id, Time, id};
use serde::{Deserialize, Serialize};

use super::accounts::account_items;
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, read};
use crate::read::{Freshness, Range};
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for Registration {
    const V: u32 = 1;
}

/// What a one-time token of a mailed link stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token {
    email: EmailAddress,
    registration: Id<id::Registration>,
    expires_at: Time,
}

impl Kept for Token {
    const V: u32 = 1;
}

/// What a token proves, if it still proves anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The registration it was mailed for.
    pub registration: Registration,
}

/// Why a registration did not become an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivationRefusal {
    /// The address got an owner meanwhile.
    AddressTaken,
    /// The registration is no longer there.
    Gone,
}

impl Store {
    /// Keeps a registration and its token; `event` rides along.
    pub async fn add_registration(
        &self,
        registration: &Registration,
        token_hash: &str,
        event: Event,
    ) -> Result<(), StoreError> {
        let address = registration.email.key();
        let token = Token {
            email: registration.email.clone(),
            registration: registration.id,
            expires_at: registration.expires_at,
        };
        let waits = NewItem::of(keys::registration(address, registration.id), registration)?;
        let opens = NewItem::of(keys::token(token_hash), &token)?;
        let writes: Vec<Write<()>> = vec![
            Write::put(waits.expiring(registration.expires_at).telling(&[event])?),
            Write::put(opens.expiring(registration.expires_at)),
        ];
        match self.transact(writes).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Makes room for one more registration: removes the oldest beyond the most that may wait. Racing newcomers may
    /// leave more behind; readers look at the newest few only.
    pub async fn displace_registrations(&self, address: &AddressKey) -> Result<(), StoreError> {
        let all = self.registration_range(address, &["sk"]).await?;
        let surplus = (all.len() + 1).saturating_sub(MAX_WAITING);
        for item in all.into_iter().take(surplus) {
            let sk = outbox::as_text(item.get("sk")).and_then(|sk| sk.parse().ok());
            if let Some(registration) = sk {
                self.delete(Table::Core, &keys::registration(address, registration)).await?;
            }
        }
        Ok(())
    }

    /// The registrations that wait for an address: the newest few, oldest first.
    pub async fn waiting_registrations(
        &self,
        address: &AddressKey,
        now: Time,
    ) -> Result<Vec<Registration>, StoreError> {
        let items = self.registration_range(address, &[]).await?;
        let all: Vec<Registration> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        let newest = all.len().saturating_sub(MAX_WAITING);
        Ok(all.into_iter().skip(newest).filter(|registration| registration.is_waiting(now)).collect())
    }

    async fn registration_range(
        &self,
        address: &AddressKey,
        attributes: &[&'static str],
    ) -> Result<Vec<crate::item::Item>, StoreError> {
        let range = Range { pk: keys::registrations(address), from: "reg_".into(), to: "reg_~".into(), attributes };
        self.range(range, Freshness::Strong).await
    }

    /// What a token, given by its hash, proves now: nothing when it is unknown, too old, displaced, or its address has an
    /// owner.
    pub async fn pending(&self, token_hash: &str, now: Time) -> Result<Option<Pending>, StoreError> {
        let Some(item) = self.get_raw(Table::Core, &keys::token(token_hash), Freshness::Strong).await? else {
            return Ok(None);
        };
        let token: Token = read(item)?;
        if now >= token.expires_at {
            return Ok(None);
        }
        let address = token.email.key();
        let (owner, waiting) = futures::try_join!(self.owner_of(address), self.waiting_registrations(address, now))?;
        let registration = waiting.into_iter().find(|waiting| waiting.id == token.registration);
        Ok(registration.filter(|_| owner.is_none()).map(|registration| Pending { registration }))
    }

    /// Makes the account of a proven registration, its address claim and its roles, in one transaction that tells `event`.
    pub async fn activate(
        &self,
        registration: Id<id::Registration>,
        account: &Account,
        event: Event,
    ) -> Result<(), WriteError<ActivationRefusal>> {
        let waited = keys::registration(account.email.key(), registration);
        let mut writes = account_items(account, event, ActivationRefusal::AddressTaken)?;
        writes.push(Write::delete(waited).if_present().or(ActivationRefusal::Gone));
        self.transact(writes).await
    }
}
