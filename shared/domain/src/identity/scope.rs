//! What an API key may touch: areas of the API, for reading or for writing.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// A part of the API that keys are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// `users`, and the profile under /auth.
    Profile,
    /// Wallet, transactions, payments.
    Wallet,
    /// Services, workers, subscriptions, deployments, providers.
    Compute,
    /// Integration.
    Plugins,
    /// Energy and devices.
    Energy,
    /// Projects, proposals, contracts, portfolio, uploads.
    Talent,
    /// Notifications and webhook endpoints.
    Events,
    /// What is for staff; only an administrator's key reaches it.
    Admin,
}

impl Area {
    /// Every area, in the order of answers.
    pub const ALL: [Area; 8] = [
        Area::Profile,
        Area::Wallet,
        Area::Compute,
        Area::Plugins,
        Area::Energy,
        Area::Talent,
        Area::Events,
        Area::Admin,
    ];

    /// The word before the colon.
    pub fn as_str(self) -> &'static str {
        match self {
            Area::Profile => "profile",
            Area::Wallet => "wallet",
            Area::Compute => "compute",
            Area::Plugins => "plugins",
            Area::Energy => "energy",
            Area::Talent => "talent",
            Area::Events => "events",
            Area::Admin => "admin",
        }
    }
}

/// How an area is touched; writing includes reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Only looked at.
    Read,
    /// Changed as well.
    Write,
}

impl Access {
    /// The word behind the colon.
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

/// One thing that a key may do: `wallet:read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// Where.
    pub area: Area,
    /// How.
    pub access: Access,
}

impl Scope {
    /// Every scope, in the order of answers.
    pub fn all() -> impl Iterator<Item = Scope> {
        Area::ALL.into_iter().flat_map(|area| [Access::Read, Access::Write].map(|access| Scope { area, access }))
    }

    /// Whether whoever has this scope may do what `wanted` stands for.
    pub fn includes(self, wanted: Scope) -> bool {
        self.area == wanted.area && self.access >= wanted.access
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.area.as_str(), self.access.as_str())
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Scope::all().find(|scope| scope.to_string() == text).ok_or("is not a scope, as `wallet:read`".into())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Scope {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scope".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Scope::all().map(|scope| scope.to_string()).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_in_the_same_area_only() {
        for has in Scope::all() {
            assert_eq!(has.to_string().parse(), Ok(has));
            for wanted in Scope::all() {
                let expected =
                    has.area == wanted.area && (has.access == Access::Write || wanted.access == Access::Read);
                assert_eq!(has.includes(wanted), expected, "{has} for {wanted}");
            }
        }
        for text in ["", "wallet", "wallet:", "wallet:admin", "Wallet:read", "wallet:read ", "*", "wallet:*"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }
}
