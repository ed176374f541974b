//! How much may move at once, by currency, in minor units.

use std::ops::RangeInclusive;

use super::{Currency, Money};

/// A table of one figure per currency.
const fn of(currency: Currency, [major, inr, idr, jpy, usdc, tft]: [i64; 6]) -> i64 {
    match currency {
        Currency::EUR | Currency::USD | Currency::GBP => major,
        Currency::INR => inr,
        Currency::IDR => idr,
        Currency::JPY => jpy,
        Currency::USDC => usdc,
        Currency::TFT => tft,
    }
}

/// What one top-up may bring.
pub fn topup(currency: Currency) -> RangeInclusive<i64> {
    let least = of(currency, [50, 100, 1_000_000, 50, 500_000, 10_000_000]);
    let most = of(currency, [10_000_000, 5_000_000, 1_000_000_000, 10_000_000, 100_000_000_000, 1_000_000_000_000]);
    least..=most
}

/// What one withdrawal may take.
pub fn withdrawal(currency: Currency) -> RangeInclusive<i64> {
    let least = of(currency, [1_000, 10_000, 1_000_000, 1_000, 10_000_000, 100_000_000]);
    let most = of(currency, [5_000_000, 5_000_000, 1_000_000_000, 5_000_000, 50_000_000_000, 1_000_000_000_000]);
    least..=most
}

/// From here on a withdrawal needs two of the staff.
pub fn two_approvals_from(currency: Currency) -> i64 {
    of(currency, [1_000_000, 4_000_000, 800_000_000, 1_000_000, 10_000_000_000, 500_000_000_000])
}

/// Whether `amount` lies in the range that `of` gives for its currency, and what to tell people if not.
///
/// # Errors
/// The range in words.
pub fn check(amount: Money, of: fn(Currency) -> RangeInclusive<i64>) -> Result<(), crate::Invalid> {
    let range = of(amount.currency());
    match range.contains(&amount.minor()) {
        true => Ok(()),
        false => Err(crate::Invalid(
            format!("must be {} to {} {} in minor units", range.start(), range.end(), amount.currency()).into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::money::MAX_MINOR;

    #[test]
    fn every_currency_has_its_limits() {
        for currency in Currency::ALL {
            for of in [topup, withdrawal] {
                let range = of(currency);
                assert!(0 < *range.start() && range.start() < range.end() && *range.end() <= MAX_MINOR, "{currency}");
                let at = |minor| check(Money::new(minor, currency).unwrap(), of);
                assert_eq!((at(*range.start()), at(*range.end())), (Ok(()), Ok(())));
                assert!(at(range.start() - 1).is_err() && at(range.end() + 1).is_err());
            }
            assert!(withdrawal(currency).contains(&two_approvals_from(currency)));
        }
        assert_eq!((topup(Currency::EUR), topup(Currency::INR)), (50..=10_000_000, 100..=5_000_000));
        assert_eq!(withdrawal(Currency::TFT), 100_000_000..=1_000_000_000_000);
        assert_eq!(two_approvals_from(Currency::IDR), 800_000_000);
    }
}
