//! Facts: what a gateway said and proved by its signature, each once.

use serde::{Deserialize, Serialize};

use super::payment::{Failure, Status};
use super::refund::Input;
use super::{Currency, Gateway, Money, id};
use crate::{Id, Time};

/// What a gateway may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is collecting.
    PaymentProcessing,
    /// It could not collect.
    PaymentFailed,
    /// It will not collect.
    PaymentCancelled,
    /// It has the money.
    PaymentCaptured,
    /// It will send money back.
    RefundTaken,
    /// It sent money back.
    RefundSucceeded,
    /// It could not send money back.
    RefundFailed,
    /// It sent money to a bank.
    PayoutPaid,
    /// It could not send money to a bank.
    PayoutFailed,
}

/// An amount as a gateway names it: it may be of a currency that we do not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// In minor units.
    pub amount: i64,
    /// Its code in capitals.
    pub currency: String,
}

/// One thing that a gateway said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// Which one.
    pub id: Id<id::Fact>,
    /// Who said it.
    pub gateway: Gateway,
    /// Of which order or payout.
    pub reference: String,
    /// What.
    pub kind: Kind,
    /// Of which payment, refund or payout of the gateway's. The same kind of the same one is the same fact.
    pub gateway_id: String,
    /// How much it is about, if it says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub money: Option<Named>,
    /// The id of ours that we gave the gateway to keep.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mark: Option<String>,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Failure>,
    /// When it happened there.
    pub at: Time,
    /// SHA-256 of the body that said it, in hex.
    pub digest: String,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 9] = [
        Kind::PaymentProcessing,
        Kind::PaymentFailed,
        Kind::PaymentCancelled,
        Kind::PaymentCaptured,
        Kind::RefundTaken,
        Kind::RefundSucceeded,
        Kind::RefundFailed,
        Kind::PayoutPaid,
        Kind::PayoutFailed,
    ];

    /// The name in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::PaymentProcessing => "payment_processing",
            Kind::PaymentFailed => "payment_failed",
            Kind::PaymentCancelled => "payment_cancelled",
            Kind::PaymentCaptured => "payment_captured",
            Kind::RefundTaken => "refund_taken",
            Kind::RefundSucceeded => "refund_succeeded",
            Kind::RefundFailed => "refund_failed",
            Kind::PayoutPaid => "payout_paid",
            Kind::PayoutFailed => "payout_failed",
        }
    }

    /// The rung of a payment's ladder that it reports. Money itself is no rung: it has to be credited first.
    pub fn rung(self) -> Option<Status> {
        match self {
            Kind::PaymentProcessing => Some(Status::Processing),
            Kind::PaymentFailed => Some(Status::Failed),
            Kind::PaymentCancelled => Some(Status::Cancelled),
            _ => None,
        }
    }

    /// What it says of a refund.
    pub fn of_refund(self) -> Option<Input> {
        match self {
            Kind::RefundTaken => Some(Input::Taken),
            Kind::RefundSucceeded => Some(Input::Succeeded),
            Kind::RefundFailed => Some(Input::Failed),
            _ => None,
        }
    }
}

impl Fact {
    /// Its amount, if it is one of ours.
    pub fn money(&self) -> Option<Money> {
        let named = self.money.as_ref()?;
        let currency: Currency = named.currency.parse().ok()?;
        Money::new(named.amount, currency)
    }

    /// Whether the gateway said the same before, whenever and in whatever words. If not, and the key is the same, it
    /// contradicts itself.
    pub fn agrees_with(&self, earlier: &Fact) -> bool {
        self.kind == earlier.kind && self.money == earlier.money && self.mark == earlier.mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_one_name_each() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(kind.rung().is_none() || kind.of_refund().is_none());
        }
    }
}
