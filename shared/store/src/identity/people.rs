//! What is done to an account beyond its owner's profile: roles, status, address. One transaction moves all that depends on
//! it, however much of it changes at once.

use std::collections::BTreeMap;

use domain::audit::Entry;
use domain::event::Event;
use domain::identity::{Account, ApiKey, Proof, Role, Session};

use super::accounts::{Owner, account_items, changed, username_moved};
use super::administrators;
use super::api_keys::closed;
use super::credentials::ended;
use super::roles::{Grant, granted};
use crate::audit::entry_item;
use crate::error::{StoreError, WriteError};
use crate::item::NewItem;
use crate::once::{Record, kept};
use crate::write::Write;
use crate::{Store, keys, outbox};

/// Why an account was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonRefusal {
    /// Somebody changed it since it was read.
    Changed,
    /// The username is somebody else's.
    UsernameTaken,
    /// The address is somebody else's.
    EmailTaken,
    /// Nobody would be left who manages people.
    LastAdministrator,
    /// The same request was faster.
    Repeated,
}

/// An account about to change.
#[derive(Debug)]
pub struct PersonChange<'a> {
    /// As it was read.
    pub before: &'a Account,
    /// As it will be.
    pub after: &'a Account,
    /// Who does it: an account's id, or the name of a tool.
    pub by: String,
    /// The audit entry, where somebody else does it than its holder.
    pub entry: Option<&'a Entry>,
    /// For each role that it gains what is told of it.
    pub granted: BTreeMap<Role, Event>,
    /// What is told besides.
    pub told: Vec<Event>,
    /// Sessions that end by it.
    pub ended: &'a [Session],
    /// Keys that end by it.
    pub closed: &'a [ApiKey],
}

/// What staff do to that which somebody signs in with.
#[derive(Debug)]
pub struct CredentialAct<'a> {
    /// Sessions that end by it.
    pub ended: &'a [Session],
    /// The link that is mailed by it.
    pub link: Option<Link<'a>>,
    /// The audit entry.
    pub entry: &'a Entry,
    /// What is told besides.
    pub told: Vec<Event>,
}

/// A link about to be mailed.
#[derive(Debug)]
pub struct Link<'a> {
    /// Hash of its token.
    pub hash: &'a str,
    /// What it proves.
    pub proof: &'a Proof,
    /// The mail job, which rides on it.
    pub job: Event,
}

impl Store {
    /// Does it, or nothing.
    pub async fn act_upon_credentials(&self, act: CredentialAct<'_>) -> Result<(), WriteError<PersonRefusal>> {
        let at = act.entry.at;
        let mut writes: Vec<_> = act.ended.iter().map(|session| ended(session, at, PersonRefusal::Changed)).collect();
        writes.extend(act.link.map(mailed).transpose()?);
        writes.push(entry_item(act.entry, &act.told)?);
        self.transact(writes).await
    }

    /// Makes an account for somebody else, and the invitation by which they come, if they are invited.
    pub async fn create_person(
        &self,
        account: &Account,
        link: Option<Link<'_>>,
        entry: &Entry,
        event: Event,
        answer: Option<&Record>,
    ) -> Result<(), WriteError<PersonRefusal>> {
        let mut writes = kept(answer, PersonRefusal::Repeated)?;
        writes.extend(account_items(account, &entry.actor.actor_id, event, PersonRefusal::EmailTaken)?);
        writes.extend(link.map(mailed).transpose()?);
        writes.push(entry_item(entry, &[])?);
        self.transact(writes).await
    }

    /// Makes the change, with everything that depends on it, or nothing.
    pub async fn change_person(&self, change: PersonChange<'_>) -> Result<(), WriteError<PersonRefusal>> {
        let (before, after) = (change.before, change.after);
        let mut writes = vec![changed(before, after, PersonRefusal::Changed)?];
        writes.extend(username_moved(before, after, PersonRefusal::UsernameTaken)?);
        writes.extend(address_moved(before, after)?);
        writes.extend(roles_moved(&change)?);
        writes.extend(administrators::moved(before, after, PersonRefusal::LastAdministrator));
        let now = after.updated_at;
        writes.extend(change.ended.iter().map(|session| ended(session, now, PersonRefusal::Changed)));
        let closes = change.closed.iter().map(|key| closed(key, now).if_present().or(PersonRefusal::Changed));
        writes.extend(closes);
        match change.entry {
            Some(entry) => writes.push(entry_item(entry, &change.told)?),
            None => {
                for event in change.told {
                    writes.push(outbox::event_item(after.id, event)?);
                }
            }
        }
        self.transact(writes).await
    }
}

fn mailed<E>(link: Link<'_>) -> Result<Write<E>, StoreError> {
    let item = NewItem::of(keys::token(link.hash), link.proof)?.expiring(link.proof.expires_at);
    Ok(Write::put(item.telling(&[link.job])?))
}

fn address_moved(before: &Account, after: &Account) -> Result<Vec<Write<PersonRefusal>>, StoreError> {
    if before.email.key() == after.email.key() {
        return Ok(Vec::new());
    }
    let claim = NewItem::of(keys::address(after.email.key()), &Owner { user: after.id })?;
    Ok(vec![
        Write::put(claim).if_absent().or(PersonRefusal::EmailTaken),
        Write::delete(keys::address(before.email.key())),
    ])
}

fn roles_moved(change: &PersonChange<'_>) -> Result<Vec<Write<PersonRefusal>>, StoreError> {
    let (before, after) = (change.before, change.after);
    let reason = change.entry.and_then(|entry| entry.act.reason.clone());
    let grant = Grant { granted_at: after.updated_at, by: change.by.clone(), reason };
    let mut writes = Vec::new();
    for role in after.granted.difference(&before.granted) {
        let event = change.granted.get(role).cloned();
        writes.push(granted(after, *role, &grant, event, PersonRefusal::Changed)?);
    }
    for role in before.granted.difference(&after.granted) {
        writes.push(Write::delete(keys::role(after.id, *role)));
    }
    Ok(writes)
}
