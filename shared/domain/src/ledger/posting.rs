//! Postings: the one way in which money moves. A posting says which accounts get and give, and why; it is checked when it
//! is made, so whatever is one sums to zero.

use std::collections::{BTreeMap, BTreeSet};

use super::hold::{Change, Hold, Rest};
use super::journal::{Entry, Kind, Leg, Line, Reference};
use super::money::MAX_MINOR;
use super::{Account, Currency, LedgerError, Malformed, Money, Original, Shortfall, System, id};
use crate::event::Event;
use crate::id::User;
use crate::{Id, Time};

/// The most legs of one posting; the fewest are two.
pub const MAX_LEGS: usize = 24;
/// The most wallets that one posting changes.
pub const MAX_WALLETS: usize = 10;
/// A description is cut to so many characters, so that a line stays small.
pub const MAX_DESCRIPTION: usize = 140;

/// A movement of money that is ready to be booked.
#[derive(Clone, Debug, PartialEq)]
pub struct Posting {
    kind: Kind,
    legs: Vec<Leg>,
    cause: String,
    description: Option<String>,
    reference: Option<Reference>,
    fee: Option<(Id<User>, Money)>,
    events: Vec<Event>,
    capture: Option<(Hold, Hold)>,
    reversal: Option<(Original, Original, Shortfall)>,
    owed: Vec<(Id<User>, Money)>,
}

/// How a posting changes one currency of one wallet, in signed minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Whose.
    pub user: Id<User>,
    /// Of what.
    pub currency: Currency,
    /// What may be spent.
    pub available: i64,
    /// What is set aside.
    pub held: i64,
    /// What the wallet owes us.
    pub owed: i64,
}

impl Posting {
    /// Any movement. Legs of one account and currency become one; what comes to nothing is left out.
    ///
    /// # Errors
    /// When a rule of the book is broken.
    pub fn of(kind: Kind, legs: &[Leg]) -> Result<Posting, Malformed> {
        let legs = merged(legs)?;
        if legs.len() < 2 {
            return Err(Malformed::NothingMoves);
        }
        if legs.len() > MAX_LEGS {
            return Err(Malformed::TooManyLegs);
        }
        let wallets: BTreeSet<Id<User>> = legs.iter().filter_map(|leg| leg.account.user()).collect();
        if wallets.len() > MAX_WALLETS {
            return Err(Malformed::TooManyParties);
        }
        let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
        for leg in &legs {
            *sums.entry(leg.currency).or_default() += leg.amount;
        }
        if sums.values().any(|sum| *sum != 0) {
            return Err(Malformed::Unbalanced);
        }
        let (cause, description, reference, fee) = (String::new(), None, None, None);
        let (events, capture, reversal, owed) = (Vec::new(), None, None, Vec::new());
        Ok(Posting { kind, legs, cause, description, reference, fee, events, capture, reversal, owed })
    }

    /// From one account to another.
    ///
    /// # Errors
    /// When both are one, or the amount is nothing.
    pub fn transfer(kind: Kind, from: Account, to: Account, amount: Money) -> Result<Posting, Malformed> {
        Posting::split(kind, from, &[(to, amount)])
    }

    /// From one account to several.
    ///
    /// # Errors
    /// When a rule of the book is broken.
    pub fn split(kind: Kind, from: Account, parts: &[(Account, Money)]) -> Result<Posting, Malformed> {
        let whole = sum(parts)?;
        let given = Leg { account: from, amount: -whole.minor(), currency: whole.currency() };
        let taken =
            parts.iter().map(|(to, part)| Leg { account: *to, amount: part.minor(), currency: part.currency() });
        let legs: Vec<Leg> = std::iter::once(given).chain(taken).collect();
        Posting::of(kind, &legs)
    }

    /// Out of a hold to whom it was meant for; of what is then left in the hold, `rest` says what becomes.
    ///
    /// # Errors
    /// When the hold has ended or has less, or a rule of the book is broken.
    pub fn capture(
        kind: Kind,
        hold: &Hold,
        parts: &[(Account, Money)],
        rest: Rest,
        now: Time,
    ) -> Result<Posting, LedgerError> {
        let whole = sum(parts)?;
        if whole.currency() != hold.amount.currency() {
            return Err(Malformed::MixedCurrencies.into());
        }
        let after = hold.transition(Change::Capture(whole, rest), now)?;
        let posting = Posting::split(kind, Account::Held(hold.user), parts)?;
        Ok(Posting { capture: Some((hold.clone(), after)), ..posting })
    }

    /// Back to where it came from, as much of `original` as `amount` says, each party its share.
    ///
    /// # Errors
    /// When less is left, or the original has two currencies.
    pub fn reverse(original: &Original, amount: Money, shortfall: Shortfall) -> Result<Posting, LedgerError> {
        let (legs, after) = original.take(amount)?;
        let posting = Posting::of(Kind::REVERSAL, &legs)?;
        Ok(Posting { reversal: Some((original.clone(), after, shortfall)), ..posting })
    }

    /// This posting with a payee who lacks `missing`: we advance it, and they owe it.
    ///
    /// # Errors
    /// When they do not give so much here.
    pub fn covered(mut self, user: Id<User>, missing: Money) -> Result<Posting, Malformed> {
        if missing.is_zero() {
            return Ok(self);
        }
        let (amount, currency) = (missing.minor(), missing.currency());
        let gives =
            |leg: &&Leg| leg.account == Account::Wallet(user) && leg.currency == currency && -leg.amount >= amount;
        if !self.legs.iter().any(|leg| gives(&leg)) {
            return Err(Malformed::Unbalanced);
        }
        self.legs.push(Leg { account: Account::Wallet(user), amount, currency });
        self.legs.push(Leg { account: Account::System(System::Receivables), amount: -amount, currency });
        let checked = Posting::of(self.kind.clone(), &self.legs)?;
        self.owed.push((user, missing));
        Ok(Posting { legs: checked.legs, ..self })
    }

    /// Adds why: the cause as `noun:id:step`, a sentence for people, and what it is about.
    pub fn because(mut self, cause: String, description: Option<&str>, reference: Option<Reference>) -> Posting {
        self.cause = cause;
        self.description = description.map(|text| text.chars().take(MAX_DESCRIPTION).collect());
        self.reference = reference;
        self
    }

    /// Adds that `fee` of what `user` gives is a fee that they bear.
    pub fn charging(self, user: Id<User>, fee: Money) -> Posting {
        Posting { fee: Some((user, fee)), ..self }
    }

    /// Adds what is told when it is booked.
    pub fn emits(mut self, event: Event) -> Posting {
        self.events.push(event);
        self
    }

    /// What is told.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Who gets and gives.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// The hold that it captures, before and after.
    pub fn capture_of(&self) -> Option<(&Hold, &Hold)> {
        self.capture.as_ref().map(|(before, after)| (before, after))
    }

    /// What was left of the transaction that it takes back, and what is left then.
    pub fn reversal_of(&self) -> Option<(&Original, &Original, Shortfall)> {
        self.reversal.as_ref().map(|(before, after, shortfall)| (before, after, *shortfall))
    }

    /// Whether money goes back to whoever gave it: that reaches even a frozen wallet.
    pub fn gives_back(&self) -> bool {
        self.reversal.is_some() || self.kind == Kind::REFUND
    }

    /// How it changes wallets, by user and currency.
    pub fn effects(&self) -> Vec<Effect> {
        let mut effects: BTreeMap<(Id<User>, Currency), Effect> = BTreeMap::new();
        let mut change = |user, currency, available, held, owed| {
            let nothing = Effect { user, currency, available: 0, held: 0, owed: 0 };
            let effect = effects.entry((user, currency)).or_insert(nothing);
            (effect.available, effect.held) = (effect.available + available, effect.held + held);
            effect.owed += owed;
        };
        for Leg { account, amount, currency } in &self.legs {
            match account {
                Account::Wallet(user) => change(*user, *currency, *amount, 0, 0),
                Account::Held(user) => change(*user, *currency, 0, *amount, 0),
                Account::System(_) => {}
            }
        }
        if let Some((before, after)) = &self.capture {
            let freed = after.released.minor() - before.released.minor();
            change(before.user, before.amount.currency(), freed, -freed, 0);
        }
        for (user, missing) in &self.owed {
            change(*user, missing.currency(), 0, 0, missing.minor());
        }
        effects.into_values().collect()
    }

    /// Its entry in the journal.
    pub fn entry(&self, id: Id<id::Transaction>) -> Entry {
        Entry {
            id,
            kind: self.kind.clone(),
            cause: self.cause.clone(),
            description: self.description.clone(),
            reference: self.reference.clone(),
            reversal_of: self.reversal.as_ref().map(|(original, ..)| original.transaction),
            legs: self.legs.clone(),
        }
    }

    /// Its lines: one for each wallet and currency whose total it changes.
    pub fn lines(&self, id: Id<id::Transaction>) -> Vec<Line> {
        let entry = self.entry(id);
        let changed = self.effects().into_iter().filter(|effect| effect.available + effect.held != 0);
        let line = |effect: Effect| Line {
            transaction: id,
            user: effect.user,
            amount: effect.available + effect.held,
            currency: effect.currency,
            fee: self.fee.filter(|(user, _)| *user == effect.user).map_or(0, |(_, fee)| fee.minor()),
            kind: entry.kind.clone(),
            description: entry.description.clone(),
            reference: entry.reference.clone(),
            counterparty: entry.counterparty_of(effect.user),
            reversal_of: entry.reversal_of,
        };
        changed.map(line).collect()
    }
}

fn sum(parts: &[(Account, Money)]) -> Result<Money, Malformed> {
    let (_, first) = parts.first().ok_or(Malformed::NothingMoves)?;
    let nothing = Money::zero(first.currency());
    parts.iter().try_fold(nothing, |sum, (_, part)| match part.currency() == sum.currency() {
        true => sum.checked_add(*part).ok_or(Malformed::TooMuch),
        false => Err(Malformed::MixedCurrencies),
    })
}

/// One leg for each account and currency, in the order in which they were first named.
fn merged(legs: &[Leg]) -> Result<Vec<Leg>, Malformed> {
    let mut merged: Vec<Leg> = Vec::with_capacity(legs.len());
    for leg in legs {
        let known = merged.iter_mut().find(|known| known.account == leg.account && known.currency == leg.currency);
        match known {
            Some(known) => known.amount = known.amount.checked_add(leg.amount).ok_or(Malformed::TooMuch)?,
            None => merged.push(*leg),
        }
    }
    merged.retain(|leg| leg.amount != 0);
    match merged.iter().any(|leg| leg.amount.unsigned_abs() > MAX_MINOR.unsigned_abs()) {
        true => Err(Malformed::TooMuch),
        false => Ok(merged),
    }
}

#[cfg(test)]
mod tests;
