//! The currencies that wallets may hold.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// A currency by its code. There is no other spelling: lower case is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::upper_case_acronyms)]
pub enum Currency {
    EUR,
    USD,
    GBP,
    INR,
    IDR,
    JPY,
    USDC,
    TFT,
}

impl Currency {
    /// Every currency, in the order of answers.
    pub const ALL: [Currency; 8] = [
        Currency::EUR,
        Currency::USD,
        Currency::GBP,
        Currency::INR,
        Currency::IDR,
        Currency::JPY,
        Currency::USDC,
        Currency::TFT,
    ];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Currency::EUR => "EUR",
            Currency::USD => "USD",
            Currency::GBP => "GBP",
            Currency::INR => "INR",
            Currency::IDR => "IDR",
            Currency::JPY => "JPY",
            Currency::USDC => "USDC",
            Currency::TFT => "TFT",
        }
    }

    /// How many digits of a minor-unit amount stand behind the decimal point.
    pub fn exponent(self) -> u8 {
        match self {
            Currency::EUR | Currency::USD | Currency::GBP | Currency::INR | Currency::IDR => 2,
            Currency::JPY => 0,
            Currency::USDC => 6,
            Currency::TFT => 7,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Currency::ALL.into_iter().find(|currency| currency.as_str() == text);
        found.ok_or("must be one of EUR, USD, GBP, INR, IDR, JPY, USDC, TFT".into())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Currency::ALL.map(Currency::as_str) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_has_one_spelling_and_its_exponent() {
        let exponents = Currency::ALL.map(|currency| (currency.as_str(), currency.exponent()));
        let expected =
            [("EUR", 2), ("USD", 2), ("GBP", 2), ("INR", 2), ("IDR", 2), ("JPY", 0), ("USDC", 6), ("TFT", 7)];
        assert_eq!(exponents, expected);
        for currency in Currency::ALL {
            assert_eq!(currency.as_str().parse(), Ok(currency));
            assert!(currency.as_str().to_lowercase().parse::<Currency>().is_err());
        }
        for wrong in ["", "EU", "EURO", "BTC", " EUR", "EUR\0", "ЕUR"] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong:?}");
        }
    }
}
