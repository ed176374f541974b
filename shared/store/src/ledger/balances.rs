//! The balance item of a wallet: flat attributes for each currency (`EUR.a` available, `EUR.h` held, `EUR.p` pending, `EUR.o`
//! owed, `EUR.t` all that is the user's), so that floor, cap and status are conditions of one item. Without one, a wallet is
//! empty and active; the first write makes it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ledger::money::MAX_MINOR;
use domain::ledger::wallet::{Obligation, Status};
use domain::ledger::{Balance, Currency, Effect, Inflow, LedgerError, Wallet};
use domain::{Id, Time, id};

use super::commit::Refusal;
use crate::condition::{Changes, Condition};
use crate::error::StoreError;
use crate::item::{Item, number, text};
use crate::outbox::as_text;
use crate::read::Freshness;
use crate::write::Write;
use crate::{Store, Table, keys};

/// The schema number of balance items.
const V: u32 = 1;

/// The attributes of one currency.
struct Names {
    available: &'static str,
    held: &'static str,
    pending: &'static str,
    owed: &'static str,
    total: &'static str,
}

const fn names(currency: Currency) -> Names {
    let [available, held, pending, owed, total] = match currency {
        Currency::EUR => ["EUR.a", "EUR.h", "EUR.p", "EUR.o", "EUR.t"],
        Currency::USD => ["USD.a", "USD.h", "USD.p", "USD.o", "USD.t"],
        Currency::GBP => ["GBP.a", "GBP.h", "GBP.p", "GBP.o", "GBP.t"],
        Currency::INR => ["INR.a", "INR.h", "INR.p", "INR.o", "INR.t"],
        Currency::IDR => ["IDR.a", "IDR.h", "IDR.p", "IDR.o", "IDR.t"],
        Currency::JPY => ["JPY.a", "JPY.h", "JPY.p", "JPY.o", "JPY.t"],
        Currency::USDC => ["USDC.a", "USDC.h", "USDC.p", "USDC.o", "USDC.t"],
        Currency::TFT => ["TFT.a", "TFT.h", "TFT.p", "TFT.o", "TFT.t"],
    };
    Names { available, held, pending, owed, total }
}

impl Store {
    /// Somebody's wallet; what was never written is empty and active.
    pub async fn wallet(&self, user: Id<id::User>, freshness: Freshness) -> Result<Wallet, StoreError> {
        match self.get_raw(Table::Core, &keys::balance(user), freshness).await? {
            Some(item) => wallet(user, &item),
            None => Ok(Wallet::empty(user)),
        }
    }

    /// What must be settled before somebody may go.
    pub async fn wallet_obligations(&self, user: Id<id::User>) -> Result<Vec<Obligation>, StoreError> {
        Ok(self.wallet(user, Freshness::Strong).await?.obligations())
    }
}

/// The wallet that an item holds.
pub(crate) fn wallet(user: Id<id::User>, item: &Item) -> Result<Wallet, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a balance: {what}"));
    let integer = |name: &str| match item.get(name) {
        None => Ok(0i64),
        Some(AttributeValue::N(digits)) => digits.parse().map_err(|_| corrupt(name)),
        Some(_) => Err(corrupt(name)),
    };
    if integer("v")? != i64::from(V) {
        return Err(corrupt("v"));
    }
    let mut wallet = Wallet::empty(user);
    for currency in Currency::ALL {
        let names = names(currency);
        let balance = Balance {
            available: integer(names.available)?,
            held: integer(names.held)?,
            pending: integer(names.pending)?,
            owed: integer(names.owed)?,
        };
        if item.contains_key(names.available) {
            wallet.balances.insert(currency, balance);
        }
    }
    wallet.status = match as_text(item.get("status")) {
        None => Status::Active,
        Some(name) => Status::ALL.into_iter().find(|status| status.as_str() == name).ok_or(corrupt("status"))?,
    };
    if let Some(code) = as_text(item.get("defaultCurrency")) {
        wallet.default_currency = code.parse().map_err(|_| corrupt("defaultCurrency"))?;
    }
    let at = as_text(item.get("at")).map(str::parse).transpose();
    wallet.last_transaction_at = at.map_err(|_| corrupt("at"))?;
    wallet.version = u64::try_from(integer("version")?).map_err(|_| corrupt("version"))?;
    Ok(wallet)
}

/// What `effects`, all of one user, do to the wallet, under what they need. `booked` is when money moved; a hold moves none.
pub(super) fn changed<E>(
    user: Id<id::User>,
    effects: &[Effect],
    inflow: Inflow,
    booked: Option<Time>,
) -> Write<Refusal<E>> {
    let mut needed = Vec::new();
    let mut changes = Changes::default().set("v", number(V)).add("version", number(1));
    // Every balance item is in the list of wallets once; an index entry that does not change costs nothing.
    changes = changes.set("g", text(keys::wallet_list(user))).set("s", text(user));
    if let Some(at) = booked {
        changes = changes.set("at", text(at));
    }
    for effect in effects {
        let names = names(effect.currency);
        let total = effect.available + effect.held;
        for (name, change) in [(names.held, effect.held), (names.total, total), (names.owed, effect.owed)] {
            if change != 0 {
                changes = changes.add(name, number(change));
            }
        }
        // Always, so that a currency that ever had money can be told from one that never had.
        changes = changes.add(names.available, number(effect.available));
        needed.extend(conditions(effect, &names, total, inflow));
    }
    let write = Write::update(keys::balance(user), changes);
    if needed.is_empty() {
        return write;
    }
    let effects = effects.to_vec();
    let why = move |there| why(user, there, &effects, inflow);
    write.when(Condition::All(needed)).or(Refusal::Asks(Box::new(why)))
}

/// The floor, the cap and the status, as `Balance::after` has them.
fn conditions(effect: &Effect, names: &Names, total: i64, inflow: Inflow) -> Vec<Condition> {
    let mut needed = Vec::new();
    let status = |name: Status| Condition::Equals("status", text(name.as_str()));
    let or_new = |mut others: Vec<Condition>| {
        others.insert(0, Condition::Absent("status"));
        Condition::Any(others)
    };
    if effect.available < 0 {
        needed.push(Condition::AtLeast(names.available, number(-effect.available)));
        needed.push(or_new(vec![status(Status::Active)]));
    }
    if effect.held < 0 {
        needed.push(Condition::AtLeast(names.held, number(-effect.held)));
    }
    if total > 0 {
        let room = Condition::AtMost(names.total, number(MAX_MINOR - total));
        needed.push(Condition::Any(vec![Condition::Absent(names.total), room]));
        if !Status::Frozen.lets_in(inflow) {
            needed.push(or_new(vec![status(Status::Active), status(Status::Restricted)]));
        }
    }
    needed
}

/// Which of them did not hold, by what was there.
fn why(user: Id<id::User>, there: Option<Item>, effects: &[Effect], inflow: Inflow) -> LedgerError {
    let before = match there.map(|item| wallet(user, &item)) {
        None => Wallet::empty(user),
        Some(Ok(wallet)) => wallet,
        Some(Err(_)) => return LedgerError::Contended,
    };
    let failed = |effect: &Effect| before.balance(effect.currency).after(effect, before.status, inflow).err();
    effects.iter().find_map(failed).unwrap_or(LedgerError::Contended)
}
