//! What one of the staff asks and another decides: corrections of wallets and reversals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Money, Shortfall, id};
use crate::id::User;
use crate::time::DAY;
use crate::{Id, Time};

/// An approval waits for so long, in seconds.
pub const WAITS_SECONDS: i64 = 7 * DAY;

/// How an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ApprovalStatus")]
pub enum Status {
    /// Nobody has decided.
    Pending,
    /// It was done.
    Approved,
    /// It will not be done.
    Rejected,
    /// Nobody decided in time.
    Expired,
}

/// Which way a correction goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the wallet.
    #[default]
    Credit,
    /// Out of it.
    Debit,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[allow(missing_docs)]
pub enum Payload {
    /// To correct a wallet.
    Adjustment { user_id: Id<User>, amount: Money, direction: Direction, reason: String },
    /// To take a transaction back, or a part of it.
    Reversal { transaction_id: Id<id::Transaction>, amount: Option<Money>, shortfall: Shortfall, reason: String },
}

/// Something that one asks and another decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Which one.
    pub id: Id<id::Approval>,
    /// What is asked.
    #[serde(flatten)]
    pub payload: Payload,
    /// How it stands.
    pub status: Status,
    /// Who asked.
    pub maker_id: Id<User>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub checker_id: Option<Id<User>>,
    /// What was booked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transaction_id: Option<Id<id::Transaction>>,
    /// When it was asked.
    pub created_at: Time,
    /// Until when it waits.
    pub expires_at: Time,
}

/// What may happen to an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Somebody does it.
    Approve(Id<User>),
    /// Somebody refuses it.
    Reject(Id<User>),
    /// Its time is over.
    Expire,
}

/// Why a decision does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDecision {
    /// Who asks, or whose money it is, never decides.
    #[error("who asked, or whose wallet it is, does not decide")]
    OwnCause,
    /// It was decided, or its time is over.
    #[error("it is decided")]
    Decided,
    /// Its time is not over.
    #[error("it still waits")]
    TooEarly,
}

impl Approval {
    /// Something that is asked now.
    pub fn ask(id: Id<id::Approval>, maker_id: Id<User>, payload: Payload, now: Time) -> Self {
        let (status, expires_at) = (Status::Pending, now.plus_seconds(WAITS_SECONDS));
        let (checker_id, transaction_id) = (None, None);
        Approval { id, payload, status, maker_id, checker_id, transaction_id, created_at: now, expires_at }
    }

    /// This approval after `decision`. `owners` are those whose wallets it changes.
    ///
    /// # Errors
    /// Why the decision does not count.
    pub fn transition(&self, decision: Decision, owners: &[Id<User>], now: Time) -> Result<Approval, NoDecision> {
        if self.status != Status::Pending {
            return Err(NoDecision::Decided);
        }
        let is_over = self.expires_at <= now;
        let (status, checker) = match decision {
            Decision::Expire if is_over => (Status::Expired, None),
            Decision::Expire => return Err(NoDecision::TooEarly),
            Decision::Approve(_) | Decision::Reject(_) if is_over => return Err(NoDecision::Decided),
            Decision::Approve(by) => (Status::Approved, Some(by)),
            Decision::Reject(by) => (Status::Rejected, Some(by)),
        };
        match checker {
            Some(by) if by == self.maker_id || owners.contains(&by) => Err(NoDecision::OwnCause),
            _ => Ok(Approval { status, checker_id: checker, ..self.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Currency;

    fn user(n: u8) -> Id<User> {
        Id::new(Time::from_millis(0), [n; 10])
    }

    #[test]
    fn every_state_and_every_decision_has_one_answer() {
        let now = Time::from_millis(1_795_168_800_000);
        let (maker, owner, checker) = (user(1), user(2), user(3));
        let amount = Money::new(5, Currency::EUR).unwrap();
        let payload =
            Payload::Adjustment { user_id: owner, amount, direction: Direction::Credit, reason: "gift".into() };
        let asked = Approval::ask(Id::new(now, [4; 10]), maker, payload, now);
        let over = now.plus_seconds(WAITS_SECONDS);
        let table = [
            (Decision::Approve(checker), Ok((Status::Approved, Some(checker))), Err(NoDecision::Decided)),
            (Decision::Approve(maker), Err(NoDecision::OwnCause), Err(NoDecision::Decided)),
            (Decision::Approve(owner), Err(NoDecision::OwnCause), Err(NoDecision::Decided)),
            (Decision::Reject(checker), Ok((Status::Rejected, Some(checker))), Err(NoDecision::Decided)),
            (Decision::Reject(maker), Err(NoDecision::OwnCause), Err(NoDecision::Decided)),
            (Decision::Reject(owner), Err(NoDecision::OwnCause), Err(NoDecision::Decided)),
            (Decision::Expire, Err(NoDecision::TooEarly), Ok((Status::Expired, None))),
        ];
        let seen = |approval: Approval| (approval.status, approval.checker_id);
        for (decision, in_time, too_late) in table {
            assert_eq!(asked.transition(decision, &[owner], now).map(seen), in_time, "{decision:?}");
            assert_eq!(asked.transition(decision, &[owner], over).map(seen), too_late, "{decision:?}");
            for status in [Status::Approved, Status::Rejected, Status::Expired] {
                let decided = Approval { status, ..asked.clone() };
                for at in [now, over] {
                    let again = decided.transition(decision, &[owner], at);
                    assert_eq!(again, Err(NoDecision::Decided), "{status:?} {decision:?}");
                }
            }
        }
        let json = serde_json::to_value(&asked).unwrap();
        assert_eq!((&json["kind"], &json["userId"]), (&"adjustment".into(), &owner.to_string().into()));
        assert_eq!(serde_json::from_value::<Approval>(json).unwrap(), asked);
    }
}
