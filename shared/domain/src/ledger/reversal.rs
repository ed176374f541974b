//! Taking back: what was booked is never changed, but another posting may give it back, whole or in parts.

use serde::{Deserialize, Serialize};

use super::journal::{Entry, Leg};
use super::split::shares;
use super::{Account, LedgerError, Malformed, Money, id};
use crate::Id;

/// What happens when somebody who got money cannot give their share of it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shortfall {
    /// Nothing is taken back.
    Refuse,
    /// We advance what is missing, and they owe it.
    Cover,
}

/// A transaction and what is left of it to take back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Original {
    /// Which one.
    pub transaction: Id<id::Transaction>,
    /// Counts the reversals: whoever makes the next one holds it against this.
    pub step: u32,
    /// What was booked, where it has not been taken back.
    pub left: Vec<Leg>,
}

impl Original {
    /// A transaction of which nothing was taken back. What came out of a hold goes back to what may be spent.
    pub fn of(entry: &Entry) -> Original {
        let spendable = |account| match account {
            Account::Held(user) => Account::Wallet(user),
            other => other,
        };
        let left = entry.legs.iter().map(|leg| Leg { account: spendable(leg.account), ..*leg });
        Original { transaction: entry.id, step: 0, left: left.collect() }
    }

    /// How much is left; `None` when nothing is, or there are two currencies.
    pub fn amount_left(&self) -> Option<Money> {
        let currency = self.left.first()?.currency;
        let is_one = self.left.iter().all(|leg| leg.currency == currency);
        let given = self.left.iter().map(|leg| leg.amount.max(0)).sum();
        Money::new(given, currency).filter(|_| is_one)
    }

    /// The legs that take `amount` back, and what is left then. What is left of each is its weight: nobody gives back more
    /// than they got, and the last reversal takes exactly the rest.
    pub(super) fn take(&self, amount: Money) -> Result<(Vec<Leg>, Original), LedgerError> {
        let left = self.amount_left().ok_or(match self.left.is_empty() {
            true => LedgerError::OverReversed,
            false => Malformed::MixedCurrencies.into(),
        })?;
        if amount.currency() != left.currency() {
            return Err(Malformed::MixedCurrencies.into());
        }
        left.checked_sub(amount).ok_or(LedgerError::OverReversed)?;
        let weights = |sign: i64| self.left.iter().map(|leg| (sign * leg.amount).max(0)).collect::<Vec<i64>>();
        let taken = shares(amount.minor(), &weights(1))?;
        let given = shares(amount.minor(), &weights(-1))?;
        let change = given.iter().zip(&taken).map(|(given, taken)| given - taken);
        let legs: Vec<Leg> = self.left.iter().zip(change).map(|(leg, amount)| Leg { amount, ..*leg }).collect();
        let rest = self.left.iter().zip(&legs).map(|(leg, back)| Leg { amount: leg.amount + back.amount, ..*leg });
        let after = Original {
            transaction: self.transaction,
            step: self.step + 1,
            left: rest.filter(|leg| leg.amount != 0).collect(),
        };
        Ok((legs, after))
    }
}

/// One case of the promise about partial reversals, for as many as somebody wants to try: `parts` of what `entry` booked
/// are taken back, then the rest; at each step the sum is exact and everybody gives within a unit of their share, and at the end all is as if nothing had been.
///
/// # Errors
/// What is broken.
pub fn check_reversals(entry: &Entry, parts: &[Money]) -> Result<(), String> {
    let mut original = Original::of(entry);
    let whole = original.left.clone();
    let mut back: Vec<i64> = vec![0; whole.len()];
    let mut take = |original: &Original, amount: Money| -> Result<Original, String> {
        let (legs, after) = original.take(amount).map_err(|error| format!("{amount} of {original:?}: {error}"))?;
        let sum: i64 = legs.iter().map(|leg| leg.amount).sum();
        let moved: i64 = legs.iter().map(|leg| leg.amount.max(0)).sum();
        let whole_left = original.amount_left().map_or(0, Money::minor);
        let is_off = |(rest, back): (&Leg, &Leg)| {
            let off =
                i128::from(back.amount) * i128::from(whole_left) + i128::from(rest.amount) * i128::from(amount.minor());
            off.abs() > i128::from(whole_left)
        };
        if sum != 0 || moved != amount.minor() || original.left.iter().zip(&legs).any(is_off) {
            return Err(format!("{amount} of {original:?} moved {legs:?}"));
        }
        for leg in legs {
            let place = whole.iter().position(|known| known.account == leg.account).ok_or("a leg of nobody")?;
            back[place] += leg.amount;
        }
        Ok(after)
    };
    for part in parts {
        let Some(left) = original.amount_left() else { break };
        let allowed = left.checked_sub(*part).is_some();
        if !allowed {
            if original.take(*part) != Err(LedgerError::OverReversed) {
                return Err(format!("{part} was taken of {left}"));
            }
            continue;
        }
        original = take(&original, *part)?;
        let kept =
            |leg: &Leg| original.left.iter().find(|rest| rest.account == leg.account).map_or(0, |rest| rest.amount);
        if whole.iter().any(|leg| kept(leg).signum() * leg.amount.signum() < 0 || kept(leg).abs() > leg.amount.abs()) {
            return Err(format!("more than was given is taken back: {original:?}"));
        }
    }
    if let Some(left) = original.amount_left() {
        original = take(&original, left)?;
    }
    let restored = whole.iter().zip(&back).all(|(leg, back)| leg.amount + back == 0);
    match restored && original.left.is_empty() {
        true => Ok(()),
        false => Err(format!("the whole does not come back: {whole:?} by {back:?}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Time;
    use crate::ledger::money::MAX_MINOR;
    use crate::ledger::{Currency, Kind, Posting, System};

    fn money(minor: i64) -> Money {
        Money::new(minor, Currency::EUR).unwrap()
    }

    fn somebody(n: u8) -> Account {
        Account::Wallet(Id::new(Time::from_millis(0), [n; 10]))
    }

    fn sale(parts: &[i64]) -> Entry {
        let to = |n: usize| match n {
            0 => Account::System(System::PluginsFees),
            n => somebody(u8::try_from(n).unwrap()),
        };
        let parts: Vec<(Account, Money)> = parts.iter().enumerate().map(|(n, part)| (to(n), money(*part))).collect();
        let posting = Posting::split(Kind::new("plugin.sale"), somebody(99), &parts).unwrap();
        posting.entry(Id::new(Time::from_millis(0), [0; 10]))
    }

    fn amounts(legs: &[Leg]) -> Vec<i64> {
        legs.iter().map(|leg| leg.amount).collect()
    }

    #[test]
    fn each_party_gives_back_its_share() {
        let original = Original::of(&sale(&[15, 85]));
        assert_eq!(original.amount_left(), Some(money(100)));
        let (legs, rest) = original.take(money(50)).unwrap();
        assert_eq!((amounts(&legs), amounts(&rest.left)), (vec![50, -8, -42], vec![-50, 7, 43]));
        assert_eq!(rest.take(money(51)), Err(LedgerError::OverReversed));
        let (legs, rest) = rest.take(money(50)).unwrap();
        assert_eq!((amounts(&legs), rest.left.len(), rest.step), (vec![50, -7, -43], 0, 2));
        assert_eq!(rest.take(money(1)), Err(LedgerError::OverReversed));
        let other = Money::new(1, Currency::USD).unwrap();
        assert_eq!(original.take(other), Err(Malformed::MixedCurrencies.into()));
    }

    #[test]
    fn what_was_held_comes_back_to_be_spent() {
        let (payer, payee) = (Id::new(Time::from_millis(0), [7; 10]), somebody(8));
        let held = Posting::transfer(Kind::new("release"), Account::Held(payer), payee, money(10)).unwrap();
        let original = Original::of(&held.entry(Id::new(Time::from_millis(0), [0; 10])));
        let (legs, _) = original.take(money(4)).unwrap();
        assert_eq!(legs[0], Leg { account: Account::Wallet(payer), amount: 4, currency: Currency::EUR });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn partial_reversals_are_exact(
            parts in prop::collection::vec(1..=MAX_MINOR / 10, 1..10),
            small in prop::collection::vec(1..=40i64, 1..10),
            backs in prop::collection::vec(1..=MAX_MINOR / 4, 0..8),
            bits in prop::collection::vec(1..=60i64, 0..8),
        ) {
            let backs: Vec<Money> = backs.into_iter().map(money).collect();
            prop_assert_eq!(check_reversals(&sale(&parts), &backs), Ok(()));
            let bits: Vec<Money> = bits.into_iter().map(money).collect();
            prop_assert_eq!(check_reversals(&sale(&small), &bits), Ok(()));
        }
    }
}
