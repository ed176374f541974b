//! Passwords and addresses change; what they opened closes in the same transaction.

use domain::event::Event;
use domain::identity::{Account, PasswordHash, Session};
use domain::{Id, Time, id};

use super::accounts::{Owner, changed};
use super::api_keys::{EndedKey, revoked};
use super::proofs::used;
use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{NewItem, text};
use crate::write::Write;
use crate::{Store, keys, outbox};

/// Why a credential was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialRefusal {
    /// Somebody changed the account since it was read.
    Changed,
    /// The link has been used.
    ProofUsed,
    /// The address is somebody else's by now.
    EmailTaken,
}

/// What closes with a credential.
#[derive(Clone, Debug, Default)]
pub struct Closing {
    /// Sessions that end.
    pub sessions: Vec<Session>,
    /// All living keys of the account, or none.
    pub keys: Vec<EndedKey>,
}

impl Store {
    /// Gives an account the password of `after`, ends what closes with it, uses up the link if one was used, and tells
    /// `event`.
    pub async fn change_password(
        &self,
        before: &Account,
        after: &Account,
        closing: &Closing,
        proof: Option<&str>,
        event: Event,
    ) -> Result<(), WriteError<CredentialRefusal>> {
        let mut writes = vec![changed(before, after, CredentialRefusal::Changed)?];
        let ended = |session| ended(session, after.updated_at, CredentialRefusal::Changed);
        writes.extend(closing.sessions.iter().map(ended));
        for key in &closing.keys {
            writes.extend(revoked(key, after.updated_at, Condition::Present("pk"), CredentialRefusal::Changed)?);
        }
        writes.extend(proof.map(|hash| used(hash, CredentialRefusal::ProofUsed)));
        writes.push(outbox::event_item(after.id, event)?);
        self.transact(writes).await
    }

    /// Keeps the same password in another way, unless the account was changed meanwhile. It is no change of the account: its
    /// version stays.
    pub async fn renew_hash(&self, account: &Account, hash: PasswordHash) -> Result<(), StoreError> {
        let after = Account { password: Some(hash), ..account.clone() };
        match self.transact(vec![changed(account, &after, ())?]).await {
            Ok(()) | Err(WriteError::Refused(())) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Moves an account to the address of `after` and frees the old one; `event` rides on the new claim.
    pub async fn change_email(
        &self,
        before: &Account,
        after: &Account,
        proof: &str,
        event: Event,
    ) -> Result<(), WriteError<CredentialRefusal>> {
        let claim = NewItem::of(keys::address(after.email.key()), &Owner { user: after.id })?.telling(&[event])?;
        let writes = vec![
            Write::put(claim).if_absent().or(CredentialRefusal::EmailTaken),
            used(proof, CredentialRefusal::ProofUsed),
            changed(before, after, CredentialRefusal::Changed)?,
            Write::delete(keys::address(before.email.key())),
        ];
        self.transact(writes).await
    }

    /// Ends sessions of one account in one transaction and tells `event`.
    pub async fn revoke_sessions(
        &self,
        user: Id<id::User>,
        sessions: &[Session],
        now: Time,
        event: Event,
    ) -> Result<(), WriteError<CredentialRefusal>> {
        let mut writes: Vec<_> =
            sessions.iter().map(|session| ended(session, now, CredentialRefusal::Changed)).collect();
        writes.push(outbox::event_item(user, event)?);
        self.transact(writes).await
    }
}

/// A session that has ended meanwhile ends once more, a little later; that harms nobody.
pub(super) fn ended<E>(session: &Session, now: Time, gone: E) -> Write<E> {
    let changes = Changes::default().set("revokedAt", text(now));
    Write::update(keys::session(session.user, session.id), changes).if_present().or(gone)
}
