//! What the facts of a payment come to. They are looked at as a set, so their order and number do not matter: money first,
//! then what went back. Each step has a guard of its own where it is kept; what was done is no step any more.

use std::collections::BTreeMap;

use super::fact::{Fact, Kind};
use super::payment::{Failure, Payment, ReviewReason, Status};
use super::refund::{Input, Refund};
use super::{Money, id};
use crate::Id;

/// Something that is to be done for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its money goes into the wallet, and it has succeeded.
    Credit {
        /// What the gateway calls the money.
        gateway_payment_id: String,
    },
    /// Money that is none of this order's goes to `suspense.payments`, and staff look at it.
    SetAside {
        /// What said so.
        fact: Id<id::Fact>,
        /// How much; nothing when it is of a currency that we do not keep.
        money: Option<Money>,
        /// Why.
        reason: ReviewReason,
    },
    /// It stands higher on the ladder.
    Climb {
        /// Where.
        to: Status,
        /// Why it failed, if it did.
        failure: Option<Failure>,
    },
    /// One of our refunds goes on.
    Refund {
        /// Which.
        refund: Id<id::Refund>,
        /// How.
        input: Input,
    },
    /// A refund was made in the gateway's own console: the wallet gives what the card has.
    ForeignRefund {
        /// What it is to be called here: the same for the same refund.
        refund: Id<id::Refund>,
        /// How much.
        money: Money,
    },
}

/// The steps that are left to do, in their order. `refunds` are those of this payment.
pub fn settle(payment: &Payment, refunds: &[Refund], facts: &[Fact]) -> Vec<Step> {
    let mut steps = of_captures(payment, facts);
    let credits = steps.iter().any(|step| matches!(step, Step::Credit { .. }));
    let is_credited = credits || payment.status == Status::Succeeded;
    match is_credited {
        // A refund that is heard of before its money waits with the facts.
        true => steps.extend(of_refunds(payment, refunds, facts)),
        false => steps.extend(climb(payment, facts)),
    }
    steps
}

fn of_captures(payment: &Payment, facts: &[Fact]) -> Vec<Step> {
    let captured: BTreeMap<_, &Fact> =
        of_kind(facts, Kind::PaymentCaptured).map(|fact| ((fact.at, &fact.gateway_id), fact)).collect();
    let mut credited = payment.gateway_payment_id.clone().filter(|_| payment.status == Status::Succeeded);
    let mut steps = Vec::new();
    for fact in captured.into_values() {
        if credited.as_ref() == Some(&fact.gateway_id) || payment.set_aside.contains(&fact.id) {
            continue;
        }
        let money = fact.money();
        let reason = match money {
            Some(money) if money == payment.amount && credited.is_none() => {
                credited = Some(fact.gateway_id.clone());
                steps.push(Step::Credit { gateway_payment_id: fact.gateway_id.clone() });
                continue;
            }
            Some(money) if money == payment.amount => ReviewReason::Excess,
            Some(money) if money.currency() == payment.amount.currency() => ReviewReason::AmountMismatch,
            _ => ReviewReason::CurrencyMismatch,
        };
        steps.push(Step::SetAside { fact: fact.id, money, reason });
    }
    steps
}

fn climb(payment: &Payment, facts: &[Fact]) -> Option<Step> {
    let (rung, fact) = facts.iter().filter_map(|fact| Some((fact.kind.rung()?, fact))).max_by_key(|(rung, _)| *rung)?;
    let to = payment.status.transition(rung)?;
    Some(Step::Climb { to, failure: fact.failure.clone().filter(|_| to == Status::Failed) })
}

fn of_refunds(payment: &Payment, refunds: &[Refund], facts: &[Fact]) -> Vec<Step> {
    let mut by_gateway_id: BTreeMap<&str, (Input, &Fact)> = BTreeMap::new();
    for (input, fact) in facts.iter().filter_map(|fact| Some((fact.kind.of_refund()?, fact))) {
        let known = by_gateway_id.entry(&fact.gateway_id).or_insert((input, fact));
        // The end is said above the beginning; and money that was sent is sent, whatever else is said.
        if rank(input) > rank(known.0) {
            *known = (input, fact);
        }
    }
    by_gateway_id.into_values().filter_map(|(input, fact)| of_refund(payment, refunds, input, fact)).collect()
}

fn rank(input: Input) -> u8 {
    match input {
        Input::Taken => 0,
        Input::Failed => 1,
        Input::Succeeded => 2,
    }
}

fn of_refund(payment: &Payment, refunds: &[Refund], input: Input, fact: &Fact) -> Option<Step> {
    let (is_ours, id) = (marked(fact).is_some(), refund_of(payment, fact));
    let mismatch = Step::SetAside { fact: fact.id, money: None, reason: ReviewReason::RefundMismatch };
    let mismatch = Some(mismatch).filter(|_| !payment.set_aside.contains(&fact.id));
    let Some(refund) = refunds.iter().find(|refund| refund.id == id) else {
        return match (is_ours, input, fact.money()) {
            (false, Input::Succeeded, Some(money)) if money.currency() == payment.amount.currency() => {
                Some(Step::ForeignRefund { refund: id, money })
            }
            (false, Input::Taken | Input::Failed, _) => None,
            _ => mismatch,
        };
    };
    if fact.money() != Some(refund.amount) {
        return mismatch;
    }
    refund.status.transition(input).map(|_| Step::Refund { refund: id, input })
}

/// Which refund a fact is about: the one whose id the gateway keeps for us; or, of a refund that we did not ask for, an id
/// made of what the gateway calls it, so that hearing of it twice is once.
pub fn refund_of(payment: &Payment, fact: &Fact) -> Id<id::Refund> {
    use sha2::{Digest, Sha256};
    marked(fact).unwrap_or_else(|| {
        let hash = Sha256::digest(format!("{} {}", payment.id, fact.gateway_id));
        let mut bits = [0; 10];
        bits.iter_mut().zip(hash).for_each(|(bit, byte)| *bit = byte);
        Id::new(payment.created_at, bits)
    })
}

fn marked(fact: &Fact) -> Option<Id<id::Refund>> {
    fact.mark.as_ref().and_then(|mark| mark.parse().ok())
}

fn of_kind(facts: &[Fact], kind: Kind) -> impl Iterator<Item = &Fact> {
    facts.iter().filter(move |fact| fact.kind == kind)
}

#[cfg(test)]
mod tests;
