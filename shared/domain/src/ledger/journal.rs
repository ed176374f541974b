//! What a posting leaves behind: one entry in the journal, and a line in each wallet that it changed.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Account, Currency, System, id};
use crate::id::User;
use crate::{Id, Invalid, Time};

/// What kind of thing moved money. Each chapter names its own: `const SALE: Kind = Kind::new("plugin.sale")`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "TransactionType")]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// A payment arrived in its payer's wallet.
    pub const TOPUP: Kind = Kind::new("topup");
    /// Money left for a bank, or came back from one.
    pub const WITHDRAWAL: Kind = Kind::new("withdrawal");
    /// From one user to another.
    pub const TRANSFER: Kind = Kind::new("transfer");
    /// A payment went back to the payer's card.
    pub const REFUND: Kind = Kind::new("refund");
    /// Two of the staff corrected a wallet.
    pub const ADJUSTMENT: Kind = Kind::new("adjustment");
    /// A transaction was taken back, or a part of it.
    pub const REVERSAL: Kind = Kind::new("reversal");
    /// What was owed was taken from what came in.
    pub const RECOVERY: Kind = Kind::new("recovery");

    /// The kind of this name, `noun` or `chapter.noun`.
    pub const fn new(name: &'static str) -> Kind {
        Kind(Cow::Borrowed(name))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a transaction is about, for whoever reads it; kept as one text, `payment:pmt_…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `payment`, `withdrawal`, `contract` …
    pub kind: String,
    /// Which one.
    pub id: String,
}

impl Reference {
    /// To the `kind` of this id.
    pub fn new(kind: &str, id: impl ToString) -> Self {
        Reference { kind: kind.to_owned(), id: id.to_string() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl FromStr for Reference {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (kind, id) = text.split_once(':').ok_or(Invalid::from("must be kind:id"))?;
        Ok(Reference::new(kind, id))
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What one account gets, or gives when it is negative; kept as one text, `wallet:usr_… -999 EUR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Whose.
    pub account: Account,
    /// Signed minor units, never zero.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.account, self.amount, self.currency)
    }
}

impl FromStr for Leg {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<&str> = text.split(' ').collect();
        let [account, amount, currency] = parts[..] else { return Err("must be account, amount and currency".into()) };
        let amount = amount.parse().map_err(|_| Invalid::from("must have an integer"))?;
        Ok(Leg { account: account.parse()?, amount, currency: currency.parse()? })
    }
}

impl Serialize for Leg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Leg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An entry of the journal: why and between whom money moved. It is never changed; what was wrong is reversed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Which one; its time is that of the booking.
    pub id: Id<id::Transaction>,
    /// Of what kind.
    pub kind: Kind,
    /// Noun, step and number of what caused it, `release:{mil}:{n}`; for readers, while the guard makes it happen once.
    pub cause: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Reference>,
    /// What it takes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reversal_of: Option<Id<id::Transaction>>,
    /// Sums to zero in each currency.
    pub legs: Vec<Leg>,
}

/// Who was at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CounterpartyKind {
    /// Another user.
    User,
    /// Souk, or several others.
    Platform,
    /// A card or bank account behind a gateway.
    Gateway,
    /// A bank account.
    Bank,
}

/// The other end of a transaction, as one of its wallets sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counterparty {
    /// What it is.
    pub kind: CounterpartyKind,
    /// Which user, if it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_id: Option<Id<User>>,
    /// Its name, where it is none of a person.
    pub label: String,
}

/// What one wallet sees of a transaction in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Which one.
    pub transaction: Id<id::Transaction>,
    /// Whose wallet.
    pub user: Id<User>,
    /// How its total changed, in signed minor units.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
    /// So much of it was a fee that this wallet bore, in minor units.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub fee: i64,
    /// Of what kind.
    pub kind: Kind,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Reference>,
    /// Who was at the other end.
    pub counterparty: Counterparty,
    /// What it takes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reversal_of: Option<Id<id::Transaction>>,
}

fn is_zero(minor: &i64) -> bool {
    *minor == 0
}

impl Entry {
    /// When it was booked.
    pub fn booked_at(&self) -> Time {
        self.id.time()
    }

    /// Who was at the other end for `user`: the one other user, else the world outside, else Souk.
    pub fn counterparty_of(&self, user: Id<User>) -> Counterparty {
        let mut others: Vec<Id<User>> = self.legs.iter().filter_map(|leg| leg.account.user()).collect();
        others.sort();
        others.dedup();
        others.retain(|other| *other != user);
        if let [other] = others[..] {
            return Counterparty { kind: CounterpartyKind::User, user_id: Some(other), label: String::new() };
        }
        let world = self.legs.iter().find_map(|leg| match leg.account {
            Account::System(system) if system.is_world() => Some(system),
            _ => None,
        });
        let (kind, label) = match world {
            Some(System::Gateway(gateway)) => (CounterpartyKind::Gateway, gateway.as_str()),
            Some(_) => (CounterpartyKind::Bank, "bank"),
            None => (CounterpartyKind::Platform, "Souk"),
        };
        Counterparty { kind, user_id: None, label: label.to_owned() }
    }
}

impl Line {
    /// When it was booked.
    pub fn booked_at(&self) -> Time {
        self.transaction.time()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_one_text() {
        let contract = Reference::new("contract", "ctr_1:2");
        assert_eq!(serde_json::to_value(&contract).unwrap(), "contract:ctr_1:2");
        assert_eq!("contract:ctr_1:2".parse(), Ok(contract));
        assert!("contract".parse::<Reference>().is_err());
    }

    #[test]
    fn a_leg_is_one_text() {
        let leg = Leg { account: Account::System(System::WalletFees), amount: -999, currency: Currency::EUR };
        assert_eq!(serde_json::to_value(leg).unwrap(), "wallet.fees -999 EUR");
        assert_eq!("wallet.fees -999 EUR".parse(), Ok(leg));
        for wrong in ["", "wallet.fees", "wallet.fees -999", "wallet.fees 1.0 EUR", "wallet.fees 1 EUR ", "x 1 EUR"] {
            assert!(wrong.parse::<Leg>().is_err(), "{wrong}");
        }
    }
}
