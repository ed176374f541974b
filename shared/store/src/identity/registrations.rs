//! Registrations that wait, and the moment one becomes an account.

use domain::event::Event;
use domain::identity::address::AddressKey;
use domain::identity::proof::Claim;
use domain::identity::registration::MAX_WAITING;
use domain::identity::{Account, EmailAddress, Proof, Registration};
use domain::{Id, Time, id};

use super::accounts::account_items;
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, read};
use crate::read::{Freshness, Range};
use crate::write::Write;
use crate::{Store, Table, keys, outbox};

impl Kept for Registration {
    const V: u32 = 1;
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
    /// Keeps a registration and its link; `event` rides along.
    pub async fn add_registration(
        &self,
        registration: &Registration,
        token_hash: &str,
        event: Event,
    ) -> Result<(), StoreError> {
        let email = registration.email.clone();
        let waits = NewItem::of(keys::registration(email.key(), registration.id), registration)?;
        let claim = Claim::Registration { email, registration: registration.id };
        let proof = Proof { claim, issued_at: event.occurred_at, expires_at: registration.expires_at };
        let opens = NewItem::of(keys::token(token_hash), &proof)?;
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

    /// The registration that a link was mailed for, while it waits: nothing when it was displaced or its address has an
    /// owner.
    pub async fn registration(
        &self,
        email: &EmailAddress,
        id: Id<id::Registration>,
        now: Time,
    ) -> Result<Option<Registration>, StoreError> {
        let (owner, waiting) =
            futures::try_join!(self.owner_of(email.key()), self.waiting_registrations(email.key(), now))?;
        let registration = waiting.into_iter().find(|waiting| waiting.id == id);
        Ok(registration.filter(|_| owner.is_none()))
    }

    /// Tells something about an address that has no account; `events` may be none, and the work is the same.
    pub async fn tell_address(
        &self,
        address: &AddressKey,
        event: Id<id::Event>,
        expires_at: Time,
        events: &[Event],
    ) -> Result<(), StoreError> {
        let item = outbox::bare(keys::address_event(address, event))?.expiring(expires_at).telling(events)?;
        match self.put(Write::<()>::put(item)).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Makes the account of a proven registration, its address claim and its roles, in one transaction that tells `event`.
    pub async fn activate(
        &self,
        registration: Id<id::Registration>,
        account: &Account,
        event: Event,
    ) -> Result<(), WriteError<ActivationRefusal>> {
        let waited = keys::registration(account.email.key(), registration);
        let mut writes = account_items(account, &account.id.to_string(), event, ActivationRefusal::AddressTaken)?;
        writes.push(Write::delete(waited).if_present().or(ActivationRefusal::Gone));
        self.transact(writes).await
    }
}
