//! Refunds: money of a payment on its way back to the payer's card. It is held in the wallet until the gateway sent it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Money, id};
use crate::id::User;
use crate::{Id, Time};

/// A payment may be asked back by its payer for so many days.
pub const ASKED_WITHIN_DAYS: i64 = 30;
/// Who asked for a refund that was made in the gateway's own console.
pub const BY_GATEWAY: &str = "gateway";

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "RefundStatus")]
pub enum Status {
    /// It was asked; the money is held.
    Pending,
    /// The gateway took it.
    Processing,
    /// It is back on the card.
    Succeeded,
    /// It could not be sent; the money may be spent again.
    Failed,
}

/// What a gateway says of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It was taken, to be sent.
    Taken,
    /// It could not be sent.
    Failed,
    /// It was sent.
    Succeeded,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 4] = [Status::Pending, Status::Processing, Status::Succeeded, Status::Failed];

    /// What `input` makes of a refund that stands so; nothing when it has ended or stood so already. The end may be heard
    /// of before the beginning.
    pub fn transition(self, input: Input) -> Option<Status> {
        match (self, input) {
            (Status::Pending, Input::Taken) => Some(Status::Processing),
            (Status::Pending | Status::Processing, Input::Succeeded) => Some(Status::Succeeded),
            (Status::Pending | Status::Processing, Input::Failed) => Some(Status::Failed),
            (Status::Processing, Input::Taken) | (Status::Succeeded | Status::Failed, _) => None,
        }
    }
}

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Which one. The gateway keeps it as our mark.
    pub id: Id<id::Refund>,
    /// Of which payment.
    pub payment: Id<id::Payment>,
    /// Whose wallet it leaves.
    pub user: Id<User>,
    /// How much.
    pub amount: Money,
    /// How it stands.
    pub status: Status,
    /// Why.
    pub reason: String,
    /// Who asked: a user, or [`BY_GATEWAY`].
    pub requested_by: String,
    /// When it was asked.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Counts its changes.
    pub version: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_every_input_has_one_answer() {
        use Status::{Failed, Processing, Succeeded};
        let inputs = [Input::Taken, Input::Succeeded, Input::Failed];
        let table = [
            [Some(Processing), Some(Succeeded), Some(Failed)],
            [None, Some(Succeeded), Some(Failed)],
            [None, None, None],
            [None, None, None],
        ];
        for (status, row) in Status::ALL.into_iter().zip(table) {
            for (input, expected) in inputs.into_iter().zip(row) {
                assert_eq!(status.transition(input), expected, "{status:?} {input:?}");
            }
        }
    }
}
