//! Accounts: whose money it is. What we hold for an account is positive; per currency all accounts sum to zero.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::User;
use crate::{Id, Invalid};

/// Where money of a posting comes from or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// What somebody may spend.
    Wallet(Id<User>),
    /// What somebody has set aside. For what, says the hold, withdrawal or refund whose step the posting makes: it is the
    /// posting's guard.
    Held(Id<User>),
    /// An account of ours, or of the world.
    System(System),
}

/// A company that takes payments for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Gateway {
    Stripe,
    Razorpay,
    /// Plays the others, in stage local.
    Sandbox,
}

/// An account that is nobody's wallet. Its balance is the sum of the journal and stands nowhere else, so nothing is hot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// The world, as a gateway sees it; negative: what came in through it.
    Gateway(Gateway),
    /// The world, as banks see it; positive: what we sent out.
    Bank,
    /// Our share of withdrawals.
    WalletFees,
    /// Our share of sold plugins.
    PluginsFees,
    /// Our share of work done.
    TalentFees,
    /// Our share of energy sold.
    EnergyFees,
    /// Our share of computing.
    ComputeRevenue,
    /// What is added to the price of computing.
    ComputeMarkup,
    /// Payments that fit no order.
    SuspensePayments,
    /// A settlement's slice on its way from buyers to hosts.
    EnergyClearing,
    /// Terms paid for and not yet earned.
    ComputeDeferred,
    /// What users owe us; negative.
    Receivables,
    /// The other side of swaps.
    Fx,
    /// The other side of corrections.
    Adjustments,
    /// The other side of grants.
    Promotions,
}

impl Gateway {
    /// Every gateway.
    pub const ALL: [Gateway; 3] = [Gateway::Stripe, Gateway::Razorpay, Gateway::Sandbox];

    /// The name in requests, answers and keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Gateway::Stripe => "stripe",
            Gateway::Razorpay => "razorpay",
            Gateway::Sandbox => "sandbox",
        }
    }
}

impl System {
    /// Every system account.
    pub const ALL: [System; 17] = [
        System::Gateway(Gateway::Stripe),
        System::Gateway(Gateway::Razorpay),
        System::Gateway(Gateway::Sandbox),
        System::Bank,
        System::WalletFees,
        System::PluginsFees,
        System::TalentFees,
        System::EnergyFees,
        System::ComputeRevenue,
        System::ComputeMarkup,
        System::SuspensePayments,
        System::EnergyClearing,
        System::ComputeDeferred,
        System::Receivables,
        System::Fx,
        System::Adjustments,
        System::Promotions,
    ];

    /// The name in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            System::Gateway(Gateway::Stripe) => "gateway.stripe",
            System::Gateway(Gateway::Razorpay) => "gateway.razorpay",
            System::Gateway(Gateway::Sandbox) => "gateway.sandbox",
            System::Bank => "bank",
            System::WalletFees => "wallet.fees",
            System::PluginsFees => "plugins.fees",
            System::TalentFees => "talent.fees",
            System::EnergyFees => "energy.fees",
            System::ComputeRevenue => "compute.revenue",
            System::ComputeMarkup => "compute.markup",
            System::SuspensePayments => "suspense.payments",
            System::EnergyClearing => "energy.clearing",
            System::ComputeDeferred => "compute.deferred",
            System::Receivables => "receivables",
            System::Fx => "fx",
            System::Adjustments => "adjustments",
            System::Promotions => "promotions",
        }
    }

    /// Whether it is the world outside.
    pub fn is_world(self) -> bool {
        matches!(self, System::Gateway(_) | System::Bank)
    }
}

impl Account {
    /// Whose wallet it is part of, if it is one's.
    pub fn user(self) -> Option<Id<User>> {
        match self {
            Account::Wallet(user) | Account::Held(user) => Some(user),
            Account::System(_) => None,
        }
    }
}

const WALLET: &str = "wallet:";
const HELD: &str = "held:";

/// The name in the journal: `wallet:{usr}`, `held:{usr}`, or a system account's.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Wallet(user) => write!(f, "{WALLET}{user}"),
            Account::Held(user) => write!(f, "{HELD}{user}"),
            Account::System(system) => f.write_str(system.as_str()),
        }
    }
}

impl FromStr for Account {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let whose = |user: &str| user.parse().map_err(|_| Invalid::from("names no user"));
        if let Some(user) = text.strip_prefix(WALLET) {
            return whose(user).map(Account::Wallet);
        }
        if let Some(user) = text.strip_prefix(HELD) {
            return whose(user).map(Account::Held);
        }
        let found = System::ALL.into_iter().find(|system| system.as_str() == text);
        found.map(Account::System).ok_or("is no account".into())
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    #[test]
    fn every_account_is_read_back_by_its_name() {
        let user = Id::new(Time::from_millis(1_795_168_800_000), [1; 10]);
        let systems = System::ALL.map(Account::System);
        for account in systems.into_iter().chain([Account::Wallet(user), Account::Held(user)]) {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        assert_eq!(Account::Wallet(user).to_string(), format!("wallet:{user}"));
        for gateway in Gateway::ALL {
            assert_eq!(System::Gateway(gateway).as_str(), format!("gateway.{}", gateway.as_str()));
        }
        for wrong in ["", "wallet:", "wallet:usr_1", "held:bank", "Bank", "gateway.paypal"] {
            assert!(wrong.parse::<Account>().is_err(), "{wrong}");
        }
    }
}
