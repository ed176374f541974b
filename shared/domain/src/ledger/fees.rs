//! The one fee engine: dated rules, never edited, only followed by a later version, so that history keeps its price. A fee
//! is floored, and the fee with the rest is always the whole.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::split::shares;
use super::{Currency, Malformed, Money};
use crate::Time;

/// The whole, in basis points.
pub const WHOLE_BPS: u32 = 10_000;
/// Who gets what is ours.
pub const PLATFORM: &str = "platform";
/// Who gets the rest of a flat fee or of bands.
pub const PAYEE: &str = "payee";

/// How a price is made. Figures by currency are in minor units; a currency that is not named has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[schemars(rename = "FeeShape")]
pub enum Shape {
    /// A rate, something fixed, and bounds.
    Flat {
        /// The rate.
        bps: u32,
        /// Added to it.
        #[serde(default)]
        fixed: BTreeMap<Currency, i64>,
        /// The least fee.
        #[serde(default)]
        min: BTreeMap<Currency, i64>,
        /// The highest fee.
        #[serde(default)]
        max: BTreeMap<Currency, i64>,
    },
    /// Each slice of a running total pays its own rate.
    Bands {
        /// Slices from the lowest on, the first of them from zero; no currency without any.
        bands: BTreeMap<Currency, Vec<Band>>,
    },
    /// Shares; those of `platform` are the fee.
    Split {
        /// Who gets how much, in the order in which leftover units go round.
        parts: Vec<Share>,
    },
}

/// A slice of a running total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FeeBand")]
pub struct Band {
    /// Where it begins, in minor units.
    pub from: i64,
    /// Its rate.
    pub bps: u32,
}

/// Somebody's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FeeShare")]
pub struct Share {
    /// Whose.
    pub party: String,
    /// All shares sum to [`WHOLE_BPS`].
    pub bps: u32,
}

/// A rule of one code, valid from a moment on until the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeeRule {
    /// What it is the price of.
    pub code: String,
    /// Counts the rules of this code.
    pub version: u32,
    /// From when.
    pub valid_from: Time,
    /// How the price is made.
    #[serde(flatten)]
    pub shape: Shape,
}

/// What somebody gets of an amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FeePart")]
pub struct Part {
    /// Who.
    pub party: String,
    /// How much.
    pub amount: Money,
}

/// An amount taken apart by a rule. The parts sum to it, and so do `fee` and `net`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Breakdown {
    /// By which rule.
    pub code: String,
    /// By which version of it.
    pub rule_version: u32,
    /// The whole.
    pub amount: Money,
    /// What is ours.
    pub fee: Money,
    /// The rest.
    pub net: Money,
    /// Who gets what.
    pub parts: Vec<Part>,
}

impl FeeRule {
    /// `amount` taken apart. Where slices of a running total have rates of their own, `before` is that total: what went this
    /// way earlier, in the same currency.
    ///
    /// # Errors
    /// When the rule has no figures for the currency.
    pub fn quote(&self, amount: Money, before: Money) -> Result<Breakdown, Malformed> {
        let whole = amount.minor();
        let parts: Vec<(&str, i64)> = match &self.shape {
            Shape::Flat { bps, fixed, min, max } => {
                let of = |figures: &BTreeMap<Currency, i64>| figures.get(&amount.currency()).copied();
                let fee = rate(whole, *bps).saturating_add(of(fixed).unwrap_or(0));
                let fee = fee.max(of(min).unwrap_or(0)).min(of(max).unwrap_or(i64::MAX)).clamp(0, whole);
                vec![(PAYEE, whole - fee), (PLATFORM, fee)]
            }
            Shape::Bands { bands } => {
                let bands = bands.get(&amount.currency()).ok_or(Malformed::NoShares)?;
                let total = before.checked_add(amount).ok_or(Malformed::TooMuch)?;
                let fee = up_to(bands, total.minor()) - up_to(bands, before.minor());
                vec![(PAYEE, whole - fee), (PLATFORM, fee)]
            }
            Shape::Split { parts } => {
                let weights: Vec<i64> = parts.iter().map(|share| share.bps.into()).collect();
                let names = parts.iter().map(|share| share.party.as_str());
                names.zip(shares(whole, &weights)?).collect()
            }
        };
        let money = |minor| Money::new(minor, amount.currency()).ok_or(Malformed::TooMuch);
        let fee: i64 = parts.iter().filter(|(party, _)| *party == PLATFORM).map(|(_, part)| part).sum();
        let part = |(party, minor): &(&str, i64)| Ok(Part { party: (*party).to_owned(), amount: money(*minor)? });
        Ok(Breakdown {
            code: self.code.clone(),
            rule_version: self.version,
            amount,
            fee: money(fee)?,
            net: money(whole - fee)?,
            parts: parts.iter().map(part).collect::<Result<_, Malformed>>()?,
        })
    }

    /// The rule of a moment among `rules` of one code: the newest that is valid by then.
    pub fn valid_at(rules: &[FeeRule], at: Time) -> Option<&FeeRule> {
        rules.iter().filter(|rule| rule.valid_from <= at).max_by_key(|rule| (rule.valid_from, rule.version))
    }
}

fn rate(amount: i64, bps: u32) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(bps) / i128::from(WHOLE_BPS)).unwrap_or(i64::MAX)
}

/// What everything up to `total` has cost, floored once: so cutting an amount into pieces never changes the sum of fees.
fn up_to(bands: &[Band], total: i64) -> i64 {
    let ends = bands.iter().skip(1).map(|band| band.from).chain([i64::MAX]);
    let slice = |(band, end): (&Band, i64)| {
        let length = total.min(end).saturating_sub(band.from).max(0);
        i128::from(length) * i128::from(band.bps)
    };
    let sum: i128 = bands.iter().zip(ends).map(slice).sum();
    i64::try_from(sum / i128::from(WHOLE_BPS)).unwrap_or(i64::MAX)
}

/// The rules that there are before anybody makes others.
pub fn first_rows() -> Vec<FeeRule> {
    let flat = |bps| Shape::Flat { bps, fixed: BTreeMap::new(), min: BTreeMap::new(), max: BTreeMap::new() };
    let split = |parts: &[(&str, u32)]| {
        let share = |(party, bps): &(&str, u32)| Share { party: (*party).to_owned(), bps: *bps };
        Shape::Split { parts: parts.iter().map(share).collect() }
    };
    let bands = |currency, second, third| {
        let rates = [(0, 2000), (second, 1000), (third, 500)];
        (currency, rates.map(|(from, bps)| Band { from, bps }).to_vec())
    };
    let talent = [
        bands(Currency::EUR, 50_000, 1_000_000),
        bands(Currency::USD, 50_000, 1_000_000),
        bands(Currency::USDC, 500_000_000, 10_000_000_000),
        bands(Currency::INR, 4_000_000, 80_000_000),
    ];
    let rows = [
        ("withdrawal", flat(100)),
        ("topup", flat(0)),
        ("swap", flat(50)),
        ("energy_sale", split(&[("host", 4500), ("investors", 3500), (PLATFORM, 2000)])),
        ("plugin_sale", split(&[("publisher", 8500), (PLATFORM, 1500)])),
        ("compute_revenue", split(&[("provider", 5000), (PLATFORM, 5000)])),
        ("talent", Shape::Bands { bands: BTreeMap::from(talent) }),
    ];
    let valid_from = Time::from_millis(0);
    rows.map(|(code, shape)| FeeRule { code: code.to_owned(), version: 1, valid_from, shape }).into()
}

#[cfg(test)]
mod tests;
