//! Amounts of money: whole minor units of one currency, never negative, never rounded.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Currency;

/// The largest amount, in minor units: 2^53 − 1, exact in every reader of JSON.
pub const MAX_MINOR: i64 = 9_007_199_254_740_991;

/// An amount: `{"amount":1250,"currency":"EUR"}` is 12.50 euros. 0 to [`MAX_MINOR`]; what would leave that is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Money {
    #[serde(rename = "amount")]
    minor: i64,
    currency: Currency,
}

/// An amount that is not zero, as requests name one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Positive(Money);

impl Money {
    /// So many minor units; `None` when it is negative or above [`MAX_MINOR`].
    pub fn new(minor: i64, currency: Currency) -> Option<Self> {
        (0..=MAX_MINOR).contains(&minor).then_some(Money { minor, currency })
    }

    /// Nothing.
    pub fn zero(currency: Currency) -> Self {
        Money { minor: 0, currency }
    }

    /// In minor units.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// Of what.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Both together; `None` when they are of two currencies or too much.
    pub fn checked_add(self, other: Money) -> Option<Self> {
        self.of_same(other).and_then(|other| Money::new(self.minor + other, self.currency))
    }

    /// What is left; `None` when they are of two currencies or `other` is more.
    pub fn checked_sub(self, other: Money) -> Option<Self> {
        self.of_same(other).and_then(|other| Money::new(self.minor - other, self.currency))
    }

    fn of_same(self, other: Money) -> Option<i64> {
        (self.currency == other.currency).then_some(other.minor)
    }
}

impl Positive {
    /// The amount, if it is not zero.
    pub fn new(money: Money) -> Option<Self> {
        (!money.is_zero()).then_some(Positive(money))
    }

    /// The amount.
    pub fn get(self) -> Money {
        self.0
    }
}

/// `12.50 EUR`, for people.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.currency.exponent());
        let unit = 10i64.pow(u32::from(self.currency.exponent()));
        match digits {
            0 => write!(f, "{} {}", self.minor, self.currency),
            _ => write!(f, "{}.{:0digits$} {}", self.minor / unit, self.minor % unit, self.currency),
        }
    }
}

/// An integer of at least `LEAST`. It refuses by itself, so that the refusal names the field `amount` inside the object.
struct Minor<const LEAST: i64>(i64);

impl<'de, const LEAST: i64> Deserialize<'de> for Minor<LEAST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(MinorVisitor::<LEAST>)
    }
}

struct MinorVisitor<const LEAST: i64>;

impl<const LEAST: i64> Visitor<'_> for MinorVisitor<LEAST> {
    type Value = Minor<LEAST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an integer from {LEAST} to {MAX_MINOR}, in minor units")
    }

    fn visit_i64<E: Error>(self, minor: i64) -> Result<Self::Value, E> {
        match (LEAST..=MAX_MINOR).contains(&minor) {
            true => Ok(Minor(minor)),
            false => Err(E::invalid_value(Unexpected::Signed(minor), &self)),
        }
    }

    fn visit_u64<E: Error>(self, minor: u64) -> Result<Self::Value, E> {
        let known = i64::try_from(minor).map_err(|_| E::invalid_value(Unexpected::Unsigned(minor), &self))?;
        self.visit_i64(known)
    }
}

#[derive(Deserialize)]
struct Wire<const LEAST: i64> {
    amount: Minor<LEAST>,
    currency: Currency,
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire::<0> { amount, currency } = Wire::deserialize(deserializer)?;
        Ok(Money { minor: amount.0, currency })
    }
}

impl<'de> Deserialize<'de> for Positive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire::<1> { amount, currency } = Wire::deserialize(deserializer)?;
        Ok(Positive(Money { minor: amount.0, currency }))
    }
}

fn schema(generator: &mut SchemaGenerator, least: i64) -> Schema {
    json_schema!({
        "type": "object",
        "description": "Whole minor units of a currency: 1250 EUR cents are 12.50 euros",
        "required": ["amount", "currency"],
        "properties": {
            "amount": { "type": "integer", "format": "int64", "minimum": least, "maximum": MAX_MINOR },
            "currency": generator.subschema_for::<Currency>()
        },
        "examples": [{ "amount": 1250, "currency": "EUR" }]
    })
}

impl JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema(generator, 0)
    }
}

impl JsonSchema for Positive {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PositiveMoney".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schema(generator, 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(amount: &str) -> Result<Positive, serde_json::Error> {
        serde_json::from_str(&format!(r#"{{"amount":{amount},"currency":"EUR"}}"#))
    }

    #[test]
    fn amounts_are_integers_and_nothing_else() {
        for wrong in [
            "12.0",
            "1e3",
            "1E2",
            "0.5",
            "\"12\"",
            "true",
            "null",
            "[]",
            "{}",
            "-1",
            "-0.0",
            "0",
            "9007199254740992",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "1234567890123456789012345678901234567890",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("1").unwrap().get().minor(), 1);
        assert_eq!(read("9007199254740991").unwrap().get().minor(), MAX_MINOR);
        for wrong in [r#"{"amount":1}"#, r#"{"currency":"EUR"}"#, "12", "\"12\"", r#"{"amount":1,"currency":"eur"}"#] {
            assert!(serde_json::from_str::<Positive>(wrong).is_err(), "{wrong}");
        }
        let nothing: Money = serde_json::from_str(r#"{"amount":0,"currency":"JPY"}"#).unwrap();
        assert_eq!(nothing, Money::zero(Currency::JPY));
    }

    #[test]
    fn people_read_it_with_the_currencys_digits() {
        let shown = |minor, currency| Money::new(minor, currency).unwrap().to_string();
        assert_eq!(shown(1250, Currency::EUR), "12.50 EUR");
        assert_eq!(shown(5, Currency::INR), "0.05 INR");
        assert_eq!(shown(1250, Currency::JPY), "1250 JPY");
        assert_eq!(shown(1_500_000, Currency::USDC), "1.500000 USDC");
        assert_eq!(shown(1, Currency::TFT), "0.0000001 TFT");
        assert_eq!(shown(MAX_MINOR, Currency::EUR), "90071992547409.91 EUR");
    }

    proptest! {
        #[test]
        fn sums_are_exact_or_refused(a in 0..=MAX_MINOR, b in 0..=MAX_MINOR) {
            let (x, y) = (Money::new(a, Currency::EUR).unwrap(), Money::new(b, Currency::EUR).unwrap());
            prop_assert_eq!(x.checked_add(y).map(Money::minor), Some(a + b).filter(|sum| *sum <= MAX_MINOR));
            prop_assert_eq!(x.checked_sub(y).map(Money::minor), Some(a - b).filter(|rest| *rest >= 0));
            let other = Money::new(b, Currency::USD).unwrap();
            prop_assert_eq!((x.checked_add(other), x.checked_sub(other)), (None, None));
            let text = serde_json::to_string(&x).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), x);
        }
    }
}
