//! Mails are claimed before and marked after sending: a redelivered event sends nothing twice, and a crash in between
//! sends again rather than never.

use domain::time::{DAY, MINUTE};
use domain::{Id, Time, id};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{number, text};
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

/// After this long an unmarked claim counts as abandoned: longer than `mailer` may run, in seconds.
const LEASE_SECONDS: i64 = MINUTE;
/// How long it is remembered that a mail was sent, in seconds. An event older than this, sent again, is mailed again.
pub const KEPT_SECONDS: i64 = 30 * DAY;

impl Store {
    /// Claims the mail of an event.
    pub async fn claim_mail(&self, event: Id<id::Event>, now: Time) -> Result<Claim, StoreError> {
        let free = Condition::Any(vec![
            Condition::Absent("pk"),
            Condition::All(vec![
                Condition::Absent("sentAt"),
                Condition::Less("claimedAt", text(now.plus_seconds(-LEASE_SECONDS))),
            ]),
        ]);
        let until = now.plus_seconds(KEPT_SECONDS).seconds();
        let changes = Changes::default().set("claimedAt", text(now)).set("ttl", number(until));
        match self.update(Table::Transient, &keys::mail(event), &changes, &free).await {
            Ok(_) => Ok(Claim::Ours),
            Err(WriteError::Refused(Some(item))) if item.contains_key("sentAt") => Ok(Claim::Sent),
            Err(WriteError::Refused(_)) => Ok(Claim::Busy),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Marks the mail of an event as sent.
    pub async fn mark_mail_sent(&self, event: Id<id::Event>, now: Time) -> Result<(), StoreError> {
        let changes = Changes::default().set("sentAt", text(now));
        match self.update(Table::Transient, &keys::mail(event), &changes, &Condition::Present("pk")).await {
            Ok(_) | Err(WriteError::Refused(_)) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }

    /// Gives a claim back after a refusal by the mail service, so that the next delivery need not wait for the lease.
    pub async fn release_mail(&self, event: Id<id::Event>) -> Result<(), StoreError> {
        self.delete(Table::Transient, &keys::mail(event)).await
    }
}
