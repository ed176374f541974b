//! Mails that public forms ask for are claimed in one item per address and kind, which counts them at the same time; which
//! were sent is remembered by event, as of every mail.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identity::EmailAddress;
use domain::identity::mail_budget::{MailBudget, Verdict};
use domain::time::HOUR;
use domain::{Id, Time, id};

use crate::condition::{Changes, Condition};
use crate::error::{StoreError, WriteError};
use crate::item::{Kept, NewItem, number, read};
use crate::keys::Key;
use crate::read::Freshness;
use crate::{Store, Table, keys};

impl Kept for MailBudget {
    const V: u32 = 1;
}

/// Whether a mail that a public form asked for is ours to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormClaim {
    /// Send it, then mark it; the budget is for giving it back.
    Ours(MailBudget),
    /// It has been sent.
    Sent,
    /// Somebody else is sending it, or died doing so, or others keep being counted: come back later.
    Busy,
    /// There were enough of them to this address.
    Spent,
}

/// As many rivals may be counted while one is.
const MAX_ATTEMPTS: usize = 8;

impl Store {
    /// Claims the mail of an event to an address, counted among those of its `kind`.
    pub async fn claim_form_mail(
        &self,
        to: &EmailAddress,
        kind: &str,
        event: Id<id::Event>,
        now: Time,
    ) -> Result<FormClaim, StoreError> {
        if self.is_mail_sent(event).await? {
            return Ok(FormClaim::Sent);
        }
        let key = keys::mail_budget(to.key(), kind);
        for _ in 0..MAX_ATTEMPTS {
            let item = self.get_raw(Table::Transient, &key, Freshness::Strong).await?;
            let before: MailBudget = item.map(read).transpose()?.unwrap_or_default();
            match before.claim(event, now) {
                Verdict::Busy => return Ok(FormClaim::Busy),
                Verdict::Spent => return Ok(FormClaim::Spent),
                Verdict::Ours(after) if self.keep_budget(&key, &before, &after, now).await? => {
                    return Ok(FormClaim::Ours(after));
                }
                Verdict::Ours(_) => {}
            }
        }
        Ok(FormClaim::Busy)
    }

    /// Gives a claim back after a refusal by the mail service, so that the next delivery need not wait for the lease. Where
    /// others were counted since, it runs out by itself.
    pub async fn release_form_mail(
        &self,
        to: &EmailAddress,
        kind: &str,
        event: Id<id::Event>,
        claimed: &MailBudget,
        now: Time,
    ) -> Result<(), StoreError> {
        let key = keys::mail_budget(to.key(), kind);
        self.keep_budget(&key, claimed, &claimed.released(event), now).await.map(|_| ())
    }

    /// Whether nobody changed it since `before`.
    async fn keep_budget(
        &self,
        key: &Key,
        before: &MailBudget,
        after: &MailBudget,
        now: Time,
    ) -> Result<bool, StoreError> {
        let unchanged = match before.version {
            0 => Condition::Absent("pk"),
            version => Condition::Equals("version", number(version)),
        };
        let item = NewItem::of(key.clone(), after)?.expiring(now.plus_seconds(HOUR)).item;
        let kept = item.into_iter().filter(|(name, _): &(String, AttributeValue)| name != "pk" && name != "sk");
        let changes = kept.fold(Changes::default(), |changes, (name, value)| changes.set(&name, value));
        match self.update(Table::Transient, key, &changes, &unchanged).await {
            Ok(_) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}
