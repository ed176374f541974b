//! What a wallet had at some time, and what came and went between two: sums of its lines. Of months that are over they are
//! kept as closings, made when somebody first asks, from the closing before and the month's lines; they can be made again
//! at will.

use std::collections::BTreeMap;

use domain::ledger::Currency;
use domain::ledger::id::Transaction;
use domain::page::Limit;
use domain::time::MINUTE;
use domain::{Id, Time, id};
use serde::{Deserialize, Serialize};

use super::machine_time;
use crate::error::StoreError;
use crate::item::{Item, Kept, NewItem, read};
use crate::list::{List, Order};
use crate::outbox::as_text;
use crate::read::{Freshness, Range};
use crate::{Store, keys};

/// No posting is on its way for longer than this: after it a month that is over stays as it is.
const SETTLES_SECONDS: i64 = 15 * MINUTE;

/// All that ever came into one currency of a wallet, and went out of it, up to some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// What came in, in minor units.
    pub credits: i64,
    /// What went out.
    pub debits: i64,
    /// How many lines.
    pub count: u64,
}

impl Kept for Sums {
    const V: u32 = 1;
}

/// What came and went between two times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What was there before, in minor units.
    pub opening: i64,
    /// What came in.
    pub credits: i64,
    /// What went out.
    pub debits: i64,
    /// What was there then.
    pub closing: i64,
    /// How many lines.
    pub count: u64,
}

impl Sums {
    /// What is there.
    pub fn total(&self) -> i64 {
        self.credits - self.debits
    }

    fn with(self, amount: i64) -> Option<Sums> {
        Some(Sums {
            credits: self.credits.checked_add(amount.max(0))?,
            debits: self.debits.checked_add((-amount).max(0))?,
            count: self.count + 1,
        })
    }
}

impl Store {
    /// All that was booked before `at`.
    pub async fn sums_before(&self, user: Id<id::User>, currency: Currency, at: Time) -> Result<Sums, StoreError> {
        let now = machine_time();
        let at = at.min(now.plus_seconds(SETTLES_SECONDS));
        let (closed, mut sums) = self.last_closing(user, currency, at).await?;
        let from = closed.map_or(keys::LINES.to_owned(), |month| keys::lines_from(month.end()));
        let (pk, to) = (keys::wallet_partition(user), keys::lines_from(at));
        let range = Range { pk, from, to, attributes: &["sk", "amount", "currency"] };
        let mut closings: BTreeMap<Month, Sums> = BTreeMap::new();
        let mut month = closed.map(|month| month.next());
        for item in self.range(range, Freshness::Strong).await? {
            let Some((booked, amount)) = of_currency(&item, currency)? else { continue };
            let of = Month::of(booked);
            let mut open = *month.get_or_insert(of);
            while open < of {
                closings.insert(open, sums);
                open = open.next();
            }
            month = Some(open);
            sums = sums.with(amount).ok_or(StoreError::Corrupt("sums that nobody can count".into()))?;
        }
        if let Some(last) = month.filter(|month| month.end() <= at) {
            closings.insert(last, sums);
        }
        closings.retain(|month, _| month.end().plus_seconds(SETTLES_SECONDS) <= now);
        self.close(user, currency, closings).await?;
        Ok(sums)
    }

    /// What came and went from `from` on and before `before`.
    pub async fn statement(
        &self,
        user: Id<id::User>,
        currency: Currency,
        (from, before): (Time, Time),
    ) -> Result<Statement, StoreError> {
        let opening = self.sums_before(user, currency, from).await?;
        let closing = self.sums_before(user, currency, before).await?;
        Ok(Statement {
            opening: opening.total(),
            credits: closing.credits - opening.credits,
            debits: closing.debits - opening.debits,
            closing: closing.total(),
            count: closing.count - opening.count,
        })
    }

    /// The newest closing of a month that was over by `at`, and its sums.
    async fn last_closing(
        &self,
        user: Id<id::User>,
        currency: Currency,
        at: Time,
    ) -> Result<(Option<Month>, Sums), StoreError> {
        let beginning = keys::closings(currency);
        let list = List {
            pk: keys::wallet_partition(user),
            to: format!("{beginning}{}", Month::of(at).before().name()),
            from: beginning,
            order: Order::Descending,
            filter: None,
        };
        let newest = self.list(&list, None, Limit::ONE).await?.items.into_iter().next();
        let Some(item) = newest else { return Ok((None, Sums::default())) };
        let month = as_text(item.get("sk")).and_then(|sk| sk.rsplit('#').next()).and_then(Month::named);
        let month = month.ok_or(StoreError::Corrupt("a closing of no month".into()))?;
        Ok((Some(month), read(item)?))
    }

    /// Keeps closings. Whoever else keeps them keeps the same.
    async fn close(
        &self,
        user: Id<id::User>,
        currency: Currency,
        closings: BTreeMap<Month, Sums>,
    ) -> Result<(), StoreError> {
        let item = |(month, sums): (Month, Sums)| NewItem::of(keys::closing(user, currency, &month.name()), &sums);
        let items = closings.into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
        self.write_many(items, Vec::new()).await
    }
}

/// When a line was booked and what it is about, if it is of this currency.
fn of_currency(item: &Item, currency: Currency) -> Result<Option<(Time, i64)>, StoreError> {
    if as_text(item.get("currency")) != Some(currency.as_str()) {
        return Ok(None);
    }
    let corrupt = || StoreError::Corrupt("a line".into());
    let transaction = as_text(item.get("sk")).and_then(|sk| sk.split('#').nth(1)).ok_or_else(corrupt)?;
    let transaction: Id<Transaction> = transaction.parse().map_err(|_| corrupt())?;
    let amount = item.get("amount").and_then(|amount| amount.as_n().ok()).and_then(|digits| digits.parse().ok());
    Ok(Some((transaction.time(), amount.ok_or_else(corrupt)?)))
}

/// A month of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Month {
    year: i64,
    /// 1 to 12.
    month: i64,
}

impl Month {
    /// The month of a time.
    fn of(at: Time) -> Month {
        Month::named(&at.to_string()).unwrap_or(Month { year: 1970, month: 1 })
    }

    /// The month that a text begins with, `2026-11`.
    fn named(text: &str) -> Option<Month> {
        let (year, month) = text.get(..7)?.split_once('-')?;
        Some(Month { year: year.parse().ok()?, month: month.parse().ok()? })
    }

    /// As [`Month::named`] reads it.
    fn name(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    fn later_by(self, months: i64) -> Month {
        let count = self.year * 12 + self.month - 1 + months;
        Month { year: count.div_euclid(12), month: count.rem_euclid(12) + 1 }
    }

    fn next(self) -> Month {
        self.later_by(1)
    }

    fn before(self) -> Month {
        self.later_by(-1)
    }

    /// The first moment of the next one.
    fn end(self) -> Time {
        let text = format!("{}-01T00:00:00Z", self.next().name());
        text.parse().unwrap_or(Time::from_millis(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_years() {
        let december = Month::named("2026-12-24T00:00:00Z").unwrap();
        assert_eq!((december.next().name(), december.before().name()), ("2027-01".into(), "2026-11".into()));
        assert_eq!(december.end().to_string(), "2027-01-01T00:00:00.000Z");
        assert_eq!(Month::of(december.end()), december.next());
        assert_eq!(Month::of(Time::from_millis(december.end().millis() - 1)), december);
        assert_eq!(Month::named("20261"), None);
    }
}
