//! Withdrawals: money on its way to a bank. Until it is sent it is held; the fee comes out of the amount, and is taken only
//! when the money is sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Money, id, limits};
use crate::id::User;
use crate::{Id, Time};

/// How a withdrawal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "WithdrawalStatus")]
pub enum Status {
    /// It waits for approval.
    Pending,
    /// It may be sent.
    Approved,
    /// It is being sent.
    Processing,
    /// It was sent.
    Paid,
    /// It could not be sent; the money is back.
    Failed,
    /// It was refused; the money is back.
    Rejected,
    /// Its owner took it back; the money is back.
    Cancelled,
    /// The bank sent it back; the money is back.
    Returned,
}

/// What may happen to a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// As many as must have approved.
    Approve,
    /// One of the staff refuses.
    Reject,
    /// Its owner takes it back.
    Cancel,
    /// Somebody took it to send it.
    Send,
    /// It was sent.
    Paid,
    /// It could not be sent.
    Failed,
    /// The bank sent it back.
    Return,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 8] = [
        Status::Pending,
        Status::Approved,
        Status::Processing,
        Status::Paid,
        Status::Failed,
        Status::Rejected,
        Status::Cancelled,
        Status::Returned,
    ];

    /// What `input` makes of a withdrawal that stands so; nothing when it may not happen. The end may be heard of before
    /// anybody heard that it was taken to be sent: answers get lost.
    pub fn transition(self, input: Input) -> Option<Status> {
        match (self, input) {
            (Status::Pending, Input::Approve) => Some(Status::Approved),
            (Status::Pending | Status::Approved, Input::Reject) => Some(Status::Rejected),
            (Status::Pending, Input::Cancel) => Some(Status::Cancelled),
            (Status::Approved, Input::Send) => Some(Status::Processing),
            (Status::Approved | Status::Processing, Input::Paid) => Some(Status::Paid),
            (Status::Approved | Status::Processing, Input::Failed) => Some(Status::Failed),
            (Status::Paid, Input::Return) => Some(Status::Returned),
            _ => None,
        }
    }

    /// Whether its amount is held.
    pub fn holds(self) -> bool {
        matches!(self, Status::Pending | Status::Approved | Status::Processing)
    }
}

/// One of the staff who let it pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WithdrawalApproval")]
pub struct Approved {
    /// Who.
    pub by: Id<User>,
    /// When.
    pub at: Time,
}

/// Where money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DestinationKind {
    /// A bank account in India: number and IFSC.
    Ifsc,
    /// A bank account by its IBAN.
    Iban,
    /// A bank account elsewhere: number and BIC.
    Bic,
    /// An address of a token.
    Address,
}

/// Where money goes, as its owner and staff see it; the whole is sealed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    /// Of which kind.
    pub kind: DestinationKind,
    /// Whose account it is.
    pub holder_name: String,
    /// The last four characters of its number.
    pub last4: String,
}

/// Money on its way to a bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Withdrawal {
    /// Which one.
    pub id: Id<id::Withdrawal>,
    /// Whose money.
    pub user: Id<User>,
    /// All that leaves the wallet.
    pub amount: Money,
    /// So much of it is ours.
    pub fee: Money,
    /// How it stands.
    pub status: Status,
    /// Where it goes.
    pub destination: Destination,
    /// The whole of where it goes, sealed.
    pub sealed_destination: String,
    /// Who let it pass.
    pub approvals: Vec<Approved>,
    /// What the bank or gateway calls it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub external_reference: Option<String>,
    /// Why it did not arrive.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure_reason: Option<String>,
    /// When it was asked.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Counts its changes.
    pub version: u32,
}

/// Why one of the staff does not let a withdrawal pass or fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStep {
    /// It is their own money, or they approved it before.
    #[error("another has to decide")]
    OwnCause,
    /// It is past that.
    #[error("the withdrawal is past that")]
    Past,
}

impl Withdrawal {
    /// How many of the staff must approve.
    pub fn approvals_needed(&self) -> usize {
        if self.amount.minor() >= limits::two_approvals_from(self.amount.currency()) { 2 } else { 1 }
    }

    /// What arrives.
    pub fn net(&self) -> Option<Money> {
        self.amount.checked_sub(self.fee)
    }

    /// This withdrawal after `input`.
    ///
    /// # Errors
    /// When it is past that.
    pub fn transition(&self, input: Input, now: Time) -> Result<Withdrawal, NoStep> {
        let status = self.status.transition(input).ok_or(NoStep::Past)?;
        Ok(Withdrawal { status, updated_at: now, version: self.version + 1, ..self.clone() })
    }

    /// This withdrawal after `checker` approved it; from some amount on it takes two of them.
    ///
    /// # Errors
    /// When it is theirs, they approved before, or it is past that.
    pub fn approved_by(&self, checker: Id<User>, now: Time) -> Result<Withdrawal, NoStep> {
        let approved = self.transition(Input::Approve, now)?;
        if checker == self.user || self.approvals.iter().any(|approved| approved.by == checker) {
            return Err(NoStep::OwnCause);
        }
        let mut approvals = self.approvals.clone();
        approvals.push(Approved { by: checker, at: now });
        let status = if approvals.len() < self.approvals_needed() { Status::Pending } else { approved.status };
        Ok(Withdrawal { status, approvals, ..approved })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Currency;

    const INPUTS: [Input; 7] =
        [Input::Approve, Input::Reject, Input::Cancel, Input::Send, Input::Paid, Input::Failed, Input::Return];

    #[test]
    fn every_state_and_every_input_has_one_answer() {
        use Status::{Approved, Cancelled, Failed, Paid, Processing, Rejected, Returned};
        let none = [None; 7];
        // Approve, reject, cancel, send, paid, failed, return.
        let table = [
            [Some(Approved), Some(Rejected), Some(Cancelled), None, None, None, None],
            [None, Some(Rejected), None, Some(Processing), Some(Paid), Some(Failed), None],
            [None, None, None, None, Some(Paid), Some(Failed), None],
            [None, None, None, None, None, None, Some(Returned)],
            none,
            none,
            none,
            none,
        ];
        for (status, row) in Status::ALL.into_iter().zip(table) {
            for (input, expected) in INPUTS.into_iter().zip(row) {
                assert_eq!(status.transition(input), expected, "{status:?} {input:?}");
                // Whatever leaves what is held goes to one of the ends.
                let ends = expected.is_some_and(|after| status.holds() && !after.holds());
                assert_eq!(
                    ends,
                    matches!(expected, Some(Paid | Failed | Rejected | Cancelled)),
                    "{status:?} {input:?}"
                );
            }
        }
    }

    #[test]
    fn much_money_needs_two_who_are_not_its_owner() {
        let now = Time::from_millis(1_795_168_800_000);
        let user = |n| Id::new(now, [n; 10]);
        let withdrawal = |minor| Withdrawal {
            id: Id::new(now, [9; 10]),
            user: user(1),
            amount: Money::new(minor, Currency::INR).unwrap(),
            fee: Money::new(minor / 100, Currency::INR).unwrap(),
            status: Status::Pending,
            destination: Destination { kind: DestinationKind::Ifsc, holder_name: "Ada".into(), last4: "6789".into() },
            sealed_destination: String::new(),
            approvals: Vec::new(),
            external_reference: None,
            failure_reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let little = withdrawal(100_000);
        assert_eq!((little.approvals_needed(), little.net().unwrap().minor()), (1, 99_000));
        assert_eq!(little.approved_by(user(1), now), Err(NoStep::OwnCause));
        let approved = little.approved_by(user(2), now).unwrap();
        assert_eq!((approved.status, approved.version), (Status::Approved, 2));
        assert_eq!(approved.approved_by(user(3), now), Err(NoStep::Past));
        let once = withdrawal(4_000_000).approved_by(user(2), now).unwrap();
        assert_eq!((once.status, once.approvals.len()), (Status::Pending, 1));
        assert_eq!(once.approved_by(user(2), now), Err(NoStep::OwnCause));
        assert_eq!(once.approved_by(user(3), now).unwrap().status, Status::Approved);
    }
}
