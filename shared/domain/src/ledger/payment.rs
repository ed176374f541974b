//! Payments: money on its way from a gateway into its payer's wallet. The status is a ladder that verified facts climb, in
//! whatever order they come; so its end is the highest rung that was ever reported, and late money is still credited.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Gateway, Money, id};
use crate::id::User;
use crate::time::DAY;
use crate::{Id, Time};

/// A payment can be paid for so long, in seconds.
pub const EXPIRES_SECONDS: i64 = DAY;

/// How a payment stands; each is a rung above the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "PaymentStatus")]
pub enum Status {
    /// It was made, and nobody has paid.
    Pending,
    /// The gateway is at it.
    Processing,
    /// The gateway could not collect it.
    Failed,
    /// Nobody paid in time.
    Expired,
    /// Somebody gave it up.
    Cancelled,
    /// The money is in the wallet.
    Succeeded,
}

impl Status {
    /// Every status, from the lowest rung to the highest.
    pub const LADDER: [Status; 6] =
        [Status::Pending, Status::Processing, Status::Failed, Status::Expired, Status::Cancelled, Status::Succeeded];

    /// What a report of `rung` makes of a payment that stands so; nothing when it is not above.
    pub fn transition(self, rung: Status) -> Option<Status> {
        (rung > self).then_some(rung)
    }
}

/// How much of a payment went back to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RefundStatus {
    None,
    Partial,
    Full,
}

/// Why staff have to look at money of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// Another amount than that of the order was paid.
    AmountMismatch,
    /// It was paid in another currency.
    CurrencyMismatch,
    /// It was paid more than once.
    Excess,
    /// The gateway says of a refund what does not fit ours.
    RefundMismatch,
}

/// What a gateway says of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PaymentFailure")]
pub struct Failure {
    /// The gateway's code.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Money on its way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Which one.
    pub id: Id<id::Payment>,
    /// Who pays, and whose wallet gets it.
    pub user: Id<User>,
    /// How much was ordered.
    pub amount: Money,
    /// How it stands.
    pub status: Status,
    /// Who collects it.
    pub gateway: Gateway,
    /// What the gateway calls the order.
    pub gateway_reference: String,
    /// What the gateway calls the money that was credited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gateway_payment_id: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// So much of what was credited has not been asked back.
    pub refundable: Money,
    /// So much is back on the card.
    pub refunded: Money,
    /// Facts whose money is none of this order's; staff look at them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub set_aside: Vec<Id<id::Fact>>,
    /// Why staff look at it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub review_reason: Option<ReviewReason>,
    /// Why it failed, if it did last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Failure>,
    /// What credited it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transaction_id: Option<Id<id::Transaction>>,
    /// When it was made.
    pub created_at: Time,
    /// When it can no longer be paid.
    pub expires_at: Time,
    /// When it was credited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub succeeded_at: Option<Time>,
    /// When it last changed.
    pub updated_at: Time,
    /// Counts its changes.
    pub version: u32,
}

impl Payment {
    /// How much of it went back.
    pub fn refund_status(&self) -> RefundStatus {
        match self.refunded {
            back if back.is_zero() => RefundStatus::None,
            back if back == self.amount => RefundStatus::Full,
            _ => RefundStatus::Partial,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_every_report_has_one_answer() {
        let ladder = Status::LADDER;
        for (at, status) in ladder.into_iter().enumerate() {
            for (to, rung) in ladder.into_iter().enumerate() {
                let expected = if to > at { Some(rung) } else { None };
                assert_eq!(status.transition(rung), expected, "{status:?}, {rung:?}");
            }
        }
        let names: Vec<_> = ladder.iter().map(|status| serde_json::to_value(status).unwrap()).collect();
        assert_eq!(names, ["pending", "processing", "failed", "expired", "cancelled", "succeeded"]);
    }
}
