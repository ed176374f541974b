//! Mails are claimed before and marked after sending: a redelivered event sends nothing twice, and a crash in between
//! sends again rather than never.

use domain::identity::mail_budget::LEASE_SECONDS;
use domain::time::DAY;
use domain::{Id, Time, id};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{number, text};
use crate::keys::Key;
use crate::read::Freshness;
use crate::{Store, Table, keys};

/// Whether the mail of an event is ours to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Send it, then mark it.
    Ours,
    /// It has been sent.
    Sent,
    /// Somebody else is sending it, or died doing so: come back later.
    Busy,
}

/// How long it is remembered that a mail was sent, in seconds. An event older than this, sent again, is mailed again.
pub const KEPT_SECONDS: i64 = 30 * DAY;

fn key(event: Id<id::Event>, person: Option<Id<id::User>>) -> Key {
    match person {
        Some(person) => keys::mail_to(event, person),
        None => keys::mail(event),
    }
}

impl Store {
    /// Claims the mail of an event: the one to `person`, or the one to whom the event names.
    pub async fn claim_mail(
        &self,
        event: Id<id::Event>,
        person: Option<Id<id::User>>,
        now: Time,
    ) -> Result<Claim, StoreError> {
        let free = Condition::Any(vec![
            Condition::Absent("pk"),
            Condition::All(vec![
                Condition::Absent("sentAt"),
                Condition::Less("claimedAt", text(now.plus_seconds(-LEASE_SECONDS))),
            ]),
        ]);
        let changes = Changes::default().set("claimedAt", text(now)).set("ttl", forgotten(now));
        match self.update(Table::Transient, &key(event, person), &changes, &free).await {
            Ok(_) => Ok(Claim::Ours),
            Err(WriteError::Refused(Some(item))) if item.contains_key("sentAt") => Ok(Claim::Sent),
            Err(WriteError::Refused(_)) => Ok(Claim::Busy),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Marks the mail of an event as sent.
    pub async fn mark_mail_sent(
        &self,
        event: Id<id::Event>,
        person: Option<Id<id::User>>,
        now: Time,
    ) -> Result<(), StoreError> {
        let changes = Changes::default().set("sentAt", text(now)).set("ttl", forgotten(now));
        match self.update(Table::Transient, &key(event, person), &changes, &Condition::Absent("sentAt")).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Gives a claim back after a refusal by the mail service, so that the next delivery need not wait for the lease.
    pub async fn release_mail(&self, event: Id<id::Event>, person: Option<Id<id::User>>) -> Result<(), StoreError> {
        self.delete(Table::Transient, &key(event, person)).await
    }

    /// Whether the mail of an event to whom it names was sent.
    pub(crate) async fn is_mail_sent(&self, event: Id<id::Event>) -> Result<bool, StoreError> {
        let item = self.get_raw(Table::Transient, &keys::mail(event), Freshness::Strong).await?;
        Ok(item.is_some_and(|item| item.contains_key("sentAt")))
    }
}

fn forgotten(now: Time) -> aws_sdk_dynamodb::types::AttributeValue {
    number(now.plus_seconds(KEPT_SECONDS).seconds())
}
