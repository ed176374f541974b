//! Roles collect on an account; nobody gives themselves one that carries power.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// What someone is to Souk. The order is that of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Every account, always.
    User,
    /// Deploys.
    CloudUser,
    /// Hosts solar panels.
    Host,
    /// Buys energy.
    Buyer,
    /// Invests in panels.
    Investor,
    /// Commissions work.
    Client,
    /// Does work.
    Freelancer,
    /// Publishes plugins.
    Publisher,
    /// Contributes nodes; an operator approves it.
    Provider,
    /// Runs the compute side; an administrator grants it.
    Operator,
    /// Manages people; an administrator grants it.
    Administrator,
}

impl Role {
    /// Every role, in the order of answers.
    pub const ALL: [Role; 11] = [
        Role::User,
        Role::CloudUser,
        Role::Host,
        Role::Buyer,
        Role::Investor,
        Role::Client,
        Role::Freelancer,
        Role::Publisher,
        Role::Provider,
        Role::Operator,
        Role::Administrator,
    ];

    /// Whether somebody may take this role without asking anybody.
    pub fn is_open(self) -> bool {
        !matches!(self, Role::Provider | Role::Operator | Role::Administrator)
    }

    /// The name in requests, answers and tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::CloudUser => "cloud_user",
            Role::Host => "host",
            Role::Buyer => "buyer",
            Role::Investor => "investor",
            Role::Client => "client",
            Role::Freelancer => "freelancer",
            Role::Publisher => "publisher",
            Role::Provider => "provider",
            Role::Operator => "operator",
            Role::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Read without regard to case and with `-` as `_`: `CLOUD-USER` is `cloud_user`.
impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let name = text.to_ascii_lowercase().replace('-', "_");
        let found = Role::ALL.into_iter().find(|role| role.as_str() == name);
        found.ok_or("is not a role".into())
    }
}

/// A role that somebody may take without asking anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenRole(Role);

impl OpenRole {
    /// The role.
    pub fn get(self) -> Role {
        self.0
    }
}

impl FromStr for OpenRole {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let role: Role = text.parse()?;
        if role.is_open() { Ok(OpenRole(role)) } else { Err("is a role that somebody else must grant".into()) }
    }
}

impl JsonSchema for OpenRole {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OpenRole".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let open: Vec<&str> = Role::ALL.into_iter().filter(|role| role.is_open()).map(Role::as_str).collect();
        json_schema!({ "type": "string", "enum": open })
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Role {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Role::ALL.map(Role::as_str) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_without_regard_to_case_and_hyphen() {
        assert_eq!("CLOUD-USER".parse(), Ok(Role::CloudUser));
        assert_eq!("ADMINISTRATOR".parse(), Ok(Role::Administrator));
        assert!("admin".parse::<Role>().is_err());
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }

    #[test]
    fn the_three_roles_with_power_are_closed() {
        let closed: Vec<Role> = Role::ALL.into_iter().filter(|role| !role.is_open()).collect();
        assert_eq!(closed, [Role::Provider, Role::Operator, Role::Administrator]);
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<OpenRole>().is_ok(), role.is_open());
        }
    }
}
