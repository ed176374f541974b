//! Sharing: each share is floored, and what is left goes unit by unit to those listed first. So the parts always sum to
//! the whole, and no part is more than a unit away from its exact share.

use super::{Malformed, Money};

/// `whole` in the proportions of `weights`.
///
/// # Errors
/// When no weight is above zero.
pub fn split(whole: Money, weights: &[u32]) -> Result<Vec<Money>, Malformed> {
    let weights: Vec<i64> = weights.iter().map(|weight| i64::from(*weight)).collect();
    let parts = shares(whole.minor(), &weights)?;
    parts.into_iter().map(|part| Money::new(part, whole.currency()).ok_or(Malformed::TooMuch)).collect()
}

/// The same for bare numbers, none of them negative. Who has weight zero gets nothing; and where the weights are amounts
/// that sum to at least `whole`, nobody gets more than their weight.
pub(super) fn shares(whole: i64, weights: &[i64]) -> Result<Vec<i64>, Malformed> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 {
        return Err(Malformed::NoShares);
    }
    let floored = |weight: &i64| i64::try_from(i128::from(whole) * i128::from(*weight) / sum).unwrap_or(i64::MAX);
    let mut parts: Vec<i64> = weights.iter().map(floored).collect();
    let mut left = whole - parts.iter().sum::<i64>();
    for (part, weight) in parts.iter_mut().zip(weights) {
        if left > 0 && *weight > 0 {
            *part += 1;
            left -= 1;
        }
    }
    Ok(parts)
}

/// One case of the promise about splits, for as many as somebody wants to try: exact to the unit, each part within one
/// unit of its share.
///
/// # Errors
/// What is broken.
pub fn check_split(whole: Money, weights: &[u32]) -> Result<(), String> {
    let Ok(parts) = split(whole, weights) else {
        return match weights.iter().any(|weight| *weight > 0) {
            true => Err(format!("{whole} by {weights:?} is refused")),
            false => Ok(()),
        };
    };
    let sum: i64 = parts.iter().map(|part| part.minor()).sum();
    if sum != whole.minor() || parts.len() != weights.len() {
        return Err(format!("{whole} by {weights:?} is {parts:?}"));
    }
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    for (part, weight) in parts.iter().zip(weights) {
        // part − whole × weight / all, without fractions.
        let off = i128::from(part.minor()) * all - i128::from(whole.minor()) * i128::from(*weight);
        if off.abs() > all || (*weight == 0 && !part.is_zero()) {
            return Err(format!("{part} is not the share of {weight} in {whole} by {weights:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::Currency;
    use crate::ledger::money::MAX_MINOR;

    fn parts(whole: i64, weights: &[u32]) -> Vec<i64> {
        let whole = Money::new(whole, Currency::EUR).unwrap();
        split(whole, weights).unwrap().into_iter().map(Money::minor).collect()
    }

    #[test]
    fn what_is_left_goes_to_those_listed_first() {
        assert_eq!(parts(100, &[4500, 3500, 2000]), [45, 35, 20]);
        assert_eq!(parts(101, &[4500, 3500, 2000]), [46, 35, 20]);
        assert_eq!(parts(1, &[4500, 3500, 2000]), [1, 0, 0]);
        assert_eq!(parts(999, &[8500, 1500]), [850, 149]);
        assert_eq!(parts(1, &[8500, 1500]), [1, 0]);
        assert_eq!(parts(5, &[0, 1, 1]), [0, 3, 2]);
        assert_eq!(parts(0, &[1, 1]), [0, 0]);
        assert_eq!(parts(MAX_MINOR, &[u32::MAX, 1]).iter().sum::<i64>(), MAX_MINOR);
        let whole = Money::new(1, Currency::EUR).unwrap();
        assert_eq!(split(whole, &[]), Err(Malformed::NoShares));
        assert_eq!(split(whole, &[0, 0]), Err(Malformed::NoShares));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn splits_are_exact(whole in 0..=MAX_MINOR, weights in prop::collection::vec(0..=20_000u32, 0..24)) {
            let whole = Money::new(whole, Currency::TFT).unwrap();
            prop_assert_eq!(check_split(whole, &weights), Ok(()));
        }
    }
}
