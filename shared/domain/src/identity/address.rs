//! E-mail addresses, and when two of them are one.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use crate::Invalid;

/// An e-mail address: RFC 5321 dot-atom of at most 64 characters, `@`, a domain with a dot; 254 characters in all.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    shown: String,
    key: AddressKey,
}

/// What two spellings of one address share: lower case, NFKC, the domain as A-label. `+tag` stays: it is another address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressKey(String);

impl EmailAddress {
    /// The address as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// What makes this address the same as another.
    pub fn key(&self) -> &AddressKey {
        &self.key
    }

    /// The part before the `@`, as its owner writes it.
    pub fn local_part(&self) -> &str {
        self.shown.split('@').next().unwrap_or_default()
    }
}

impl AddressKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shown: String = text.trim().nfkc().collect();
        let wrong = Invalid::from("must be an e-mail address, as ada@example.com");
        let (local, domain) = shown.split_once('@').ok_or(wrong.clone())?;
        if shown.len() > 254 || !is_dot_atom(local) {
            return Err(wrong);
        }
        // The strict rules (STD 3) let only letters, digits and hyphens pass, so no second `@`, space or quote either.
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| wrong.clone())?;
        let labels: Vec<&str> = domain.split('.').collect();
        let numeric = labels.last().is_some_and(|last| last.bytes().all(|c| c.is_ascii_digit()));
        if labels.len() < 2 || labels.iter().any(|label| label.is_empty()) || numeric {
            return Err(wrong);
        }
        let key = AddressKey(format!("{}@{domain}", local.to_lowercase()));
        if key.0.len() > 254 {
            return Err(wrong);
        }
        Ok(EmailAddress { shown, key })
    }
}

fn is_dot_atom(local: &str) -> bool {
    let is_atext = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    local.len() <= 64 && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// Logs must not hold full addresses, and `{:?}` ends in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.shown.chars().next().unwrap_or('?');
        write!(f, "{first}…@{}", self.key.0.split('@').next_back().unwrap_or_default())
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for EmailAddress {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EmailAddress".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "email", "maxLength": 254, "examples": ["ada@example.com"] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> String {
        text.parse::<EmailAddress>().unwrap().key().as_str().to_owned()
    }

    #[test]
    fn twins_in_case_space_and_unicode_are_one() {
        for twin in [
            "Ada@Example.com",
            "  ada@example.com ",
            "ａｄａ@example.com",
            "ada@ＥＸＡＭＰＬＥ.com",
            "ada@example。com",
        ] {
            assert_eq!(key(twin), "ada@example.com", "{twin}");
        }
        assert_eq!(key("ada@bücher.example"), key("ada@xn--bcher-kva.example"));
        assert_eq!(key("ada@BU\u{308}CHER.example"), key("ada@bücher.example"));
        assert_ne!(key("ada+tag@example.com"), key("ada@example.com"));
    }

    #[test]
    fn what_is_no_dot_atom_is_refused() {
        let long = format!("{}@example.com", "x".repeat(65));
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "ada@@example.com",
            "a@b@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..b@example.com",
            "\"a b\"@example.com",
            "ada(x)@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@example..com",
            "ada@-example.com",
            "ada@exam ple.com",
            "ada@example.com\r\nBcc: x@y.z",
            long.as_str(),
        ] {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_address() {
        let address: EmailAddress = "ada@example.com".parse().unwrap();
        assert_eq!(format!("{address:?}"), "a…@example.com");
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "[A-Za-z0-9.+_-]{1,20}@[a-zA-Z0-9-]{1,10}\\.[a-z]{2,5}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert_eq!(key(address.key().as_str()), address.key().as_str());
            }
        }
    }
}
