//! Wallets: what somebody has in each currency, and what may happen to it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::money::MAX_MINOR;
use super::{Currency, Effect, LedgerError, Money};
use crate::id::User;
use crate::{Id, Time};

/// Which ways money may move in a wallet. What is held may be captured and released in any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "WalletStatus")]
pub enum Status {
    /// In and out.
    #[default]
    Active,
    /// In, not out.
    Restricted,
    /// Neither, but for what is given back.
    Frozen,
}

/// What somebody has in one currency, in minor units; none of it negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Balance {
    /// May be spent.
    pub available: i64,
    /// Is set aside.
    pub held: i64,
    /// Has arrived and may not be spent yet.
    pub pending: i64,
    /// Is owed to us, and is no part of the total.
    pub owed: i64,
}

/// What somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// Whose.
    pub user: Id<User>,
    /// Which ways money may move.
    pub status: Status,
    /// The currency that is shown first.
    pub default_currency: Currency,
    /// Every currency that ever had money.
    pub balances: BTreeMap<Currency, Balance>,
    /// When money last moved.
    pub last_transaction_at: Option<Time>,
    /// Counts its changes.
    pub version: u64,
}

/// Why money comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inflow {
    /// Somebody pays.
    Payment,
    /// Somebody gives back; that reaches a frozen wallet too.
    GivenBack,
}

/// Something about money that must be settled before its owner may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obligation {
    /// So much may still be spent.
    Available(Money),
    /// So much is set aside or on its way.
    Held(Money),
    /// So much is owed to us.
    Owed(Money),
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 3] = [Status::Active, Status::Restricted, Status::Frozen];

    /// The name in requests, answers and items.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Restricted => "restricted",
            Status::Frozen => "frozen",
        }
    }

    /// Whether money that may be spent may leave.
    pub fn lets_out(self) -> bool {
        self == Status::Active
    }

    /// Whether money may come in.
    pub fn lets_in(self, inflow: Inflow) -> bool {
        self != Status::Frozen || inflow == Inflow::GivenBack
    }
}

impl Balance {
    /// All that is the user's.
    pub fn total(&self) -> i64 {
        self.available + self.held + self.pending
    }

    /// This balance after `effect`, in a wallet of this status: the floor, the cap and the status in one place. The store
    /// says the same as conditions of one item.
    ///
    /// # Errors
    /// Which of them does not let it happen.
    pub fn after(&self, effect: &Effect, status: Status, inflow: Inflow) -> Result<Balance, LedgerError> {
        let change = effect.available + effect.held;
        let blocked = (effect.available < 0 && !status.lets_out()) || (change > 0 && !status.lets_in(inflow));
        if blocked {
            return Err(LedgerError::WalletBlocked);
        }
        let after = Balance {
            available: self.available + effect.available,
            held: self.held + effect.held,
            pending: self.pending,
            owed: self.owed + effect.owed,
        };
        match after {
            _ if after.available < 0 => Err(LedgerError::InsufficientFunds),
            _ if after.held < 0 => Err(LedgerError::HoldExceeded),
            _ if after.total() > MAX_MINOR => Err(LedgerError::OverCap),
            _ => Ok(after),
        }
    }
}

impl Wallet {
    /// The wallet that everybody has from the first moment.
    pub fn empty(user: Id<User>) -> Self {
        Wallet {
            user,
            status: Status::Active,
            default_currency: Currency::EUR,
            balances: BTreeMap::new(),
            last_transaction_at: None,
            version: 0,
        }
    }

    /// What it has in a currency.
    pub fn balance(&self, currency: Currency) -> Balance {
        self.balances.get(&currency).copied().unwrap_or_default()
    }

    /// How much of a debit of `minor` units it cannot bear: what it lacks, and all where money may not leave.
    pub fn cannot_bear(&self, minor: i64, currency: Currency) -> Option<Money> {
        let can = if self.status.lets_out() { self.balance(currency).available } else { 0 };
        Money::new((minor - can).max(0), currency)
    }

    /// What must be settled before its owner may go.
    pub fn obligations(&self) -> Vec<Obligation> {
        let mut found = Vec::new();
        for (currency, balance) in &self.balances {
            let money = |minor| Money::new(minor, *currency).filter(|money| !money.is_zero());
            found.extend(money(balance.available).map(Obligation::Available));
            found.extend(money(balance.held + balance.pending).map(Obligation::Held));
            found.extend(money(balance.owed).map(Obligation::Owed));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(available: i64, held: i64) -> Effect {
        let user = Id::new(Time::from_millis(0), [1; 10]);
        Effect { user, currency: Currency::EUR, available, held, owed: 0 }
    }

    #[test]
    fn floor_cap_and_status_decide() {
        use LedgerError::{HoldExceeded, InsufficientFunds, OverCap, WalletBlocked};
        let before = Balance { available: 100, held: 50, pending: 0, owed: 0 };
        let full = Balance { available: MAX_MINOR - 50, held: 50, pending: 0, owed: 0 };
        let (ok, blocked) = (Ok(()), Err(WalletBlocked));
        // A change, and what it comes to in an active, a restricted, a frozen wallet.
        for (what, from, change, inflow, expected) in [
            ("spend", before, effect(-100, 0), Inflow::Payment, [ok, blocked, blocked]),
            ("spend too much", before, effect(-101, 0), Inflow::Payment, [Err(InsufficientFunds), blocked, blocked]),
            ("get", before, effect(1, 0), Inflow::Payment, [ok, ok, blocked]),
            ("get back", before, effect(1, 0), Inflow::GivenBack, [ok, ok, ok]),
            ("get too much", full, effect(1, 0), Inflow::Payment, [Err(OverCap), Err(OverCap), blocked]),
            ("get back too much", full, effect(1, 0), Inflow::GivenBack, [Err(OverCap); 3]),
            ("hold", before, effect(-100, 100), Inflow::Payment, [ok, blocked, blocked]),
            ("hold in a full wallet", full, effect(-1, 1), Inflow::Payment, [ok, blocked, blocked]),
            ("capture", before, effect(0, -50), Inflow::Payment, [ok; 3]),
            ("capture too much", before, effect(0, -51), Inflow::Payment, [Err(HoldExceeded); 3]),
            ("release", before, effect(50, -50), Inflow::Payment, [ok; 3]),
            ("capture and free", before, effect(10, -50), Inflow::Payment, [ok; 3]),
            ("owe", before, effect(0, 0), Inflow::Payment, [ok; 3]),
        ] {
            for (status, expected) in Status::ALL.into_iter().zip(expected) {
                let after = from.after(&change, status, inflow);
                assert_eq!(after.map(|_| ()), expected, "{what}, {}", status.as_str());
            }
        }
        let after = before.after(&effect(-30, 20), Status::Active, Inflow::Payment).unwrap();
        assert_eq!((after.available, after.held, after.total()), (70, 70, 140));
    }

    #[test]
    fn a_wallet_says_what_it_cannot_bear_and_what_is_to_be_settled() {
        let mut wallet = Wallet::empty(Id::new(Time::from_millis(0), [1; 10]));
        assert_eq!(wallet.obligations(), []);
        let euros = Balance { available: 100, held: 50, pending: 0, owed: 7 };
        wallet.balances.extend([(Currency::EUR, euros), (Currency::TFT, Balance::default())]);
        let money = |minor| Money::new(minor, Currency::EUR).unwrap();
        let open = [Obligation::Available(money(100)), Obligation::Held(money(50)), Obligation::Owed(money(7))];
        assert_eq!(wallet.obligations(), open);
        let lacks = |wallet: &Wallet, minor| wallet.cannot_bear(minor, Currency::EUR).map(Money::minor);
        assert_eq!((lacks(&wallet, 100), lacks(&wallet, 130)), (Some(0), Some(30)));
        wallet.status = Status::Restricted;
        assert_eq!(lacks(&wallet, 130), Some(130));
    }
}
