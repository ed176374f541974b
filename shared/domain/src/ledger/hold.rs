//! Holds: money of a wallet set aside for one purpose, `active` until it is `captured`, `released` or `expired`. Nothing has
//! left the wallet, so a hold has no journal entry; a capture is a posting.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LedgerError, Malformed, Money, Reference, id};
use crate::id::User;
use crate::time::DAY;
use crate::{Id, Time};

/// A hold's end is at most so many days away.
pub const MAX_DAYS: i64 = 400;

/// How a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "HoldStatus")]
pub enum Status {
    /// Something is still set aside.
    Active,
    /// It ended with a capture.
    Captured,
    /// It ended with a release.
    Released,
    /// It ended by itself.
    Expired,
}

/// What becomes of the rest when a part is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It stays held.
    Keep,
    /// It may be spent again.
    Free,
}

/// Money of a wallet that is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Which one.
    pub id: Id<id::Hold>,
    /// Whose money.
    pub user: Id<User>,
    /// All that was ever set aside.
    pub amount: Money,
    /// So much of it went where it was meant for.
    pub captured: Money,
    /// So much of it may be spent again.
    pub released: Money,
    /// How it stands.
    pub status: Status,
    /// Counts its changes: whoever makes the next one holds it against this.
    pub step: u32,
    /// What for.
    pub reference: Reference,
    /// When it ends by itself, if it does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// What may be done to a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// More is set aside.
    Raise(Money),
    /// A part goes where it was meant for.
    Capture(Money, Rest),
    /// A part may be spent again; `None`: all that is left.
    Release(Option<Money>),
    /// It ends at another time.
    Extend(Time),
    /// Its end has come.
    Expire,
}

impl Hold {
    /// A hold that begins now.
    ///
    /// # Errors
    /// When it would last too long.
    pub fn begin(
        id: Id<id::Hold>,
        user: Id<User>,
        amount: Money,
        reference: Reference,
        expires_at: Option<Time>,
        now: Time,
    ) -> Result<Self, Malformed> {
        if expires_at.is_some_and(|end| end > now.plus_seconds(MAX_DAYS * DAY)) {
            return Err(Malformed::EndTooFar);
        }
        let nothing = Money::zero(amount.currency());
        let (captured, released) = (nothing, nothing);
        let (status, step, created_at) = (Status::Active, 0, now);
        Ok(Hold { id, user, amount, captured, released, status, step, reference, expires_at, created_at })
    }

    /// What is still set aside.
    pub fn left(&self) -> Money {
        let gone = self.amount.checked_sub(self.captured).and_then(|rest| rest.checked_sub(self.released));
        gone.unwrap_or(Money::zero(self.amount.currency()))
    }

    /// This hold after `change`. All but its expiry need it active and its end, if it has one, in the future.
    ///
    /// # Errors
    /// When it has ended, does not have so much, or would last too long.
    pub fn transition(&self, change: Change, now: Time) -> Result<Hold, LedgerError> {
        let is_over = self.expires_at.is_some_and(|end| end <= now);
        if self.status != Status::Active || is_over != (change == Change::Expire) {
            return Err(LedgerError::HoldNotActive);
        }
        let mut after = Hold { step: self.step + 1, ..self.clone() };
        let left = self.left();
        match change {
            Change::Raise(more) => after.amount = self.amount.checked_add(more).ok_or(LedgerError::OverCap)?,
            Change::Capture(part, rest) => {
                let kept = left.checked_sub(part).ok_or(LedgerError::HoldExceeded)?;
                after.captured = self.captured.checked_add(part).ok_or(LedgerError::HoldExceeded)?;
                if rest == Rest::Free {
                    after.released = self.released.checked_add(kept).ok_or(LedgerError::HoldExceeded)?;
                }
                after.end_if_empty(Status::Captured);
            }
            Change::Release(part) => {
                let part = part.unwrap_or(left);
                left.checked_sub(part).ok_or(LedgerError::HoldExceeded)?;
                after.released = self.released.checked_add(part).ok_or(LedgerError::HoldExceeded)?;
                after.end_if_empty(Status::Released);
            }
            Change::Extend(until) if until > now.plus_seconds(MAX_DAYS * DAY) => {
                return Err(Malformed::EndTooFar.into());
            }
            Change::Extend(until) => after.expires_at = Some(until),
            Change::Expire => {
                after.released = self.released.checked_add(left).ok_or(LedgerError::HoldExceeded)?;
                after.status = Status::Expired;
            }
        }
        Ok(after)
    }

    fn end_if_empty(&mut self, status: Status) {
        if self.left().is_zero() {
            self.status = status;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Currency;
    use crate::ledger::money::MAX_MINOR;

    const NOW: i64 = 1_795_168_800_000;

    fn money(minor: i64) -> Money {
        Money::new(minor, Currency::EUR).unwrap()
    }

    fn hold(status: Status, expires_in: Option<i64>) -> Hold {
        let now = Time::from_millis(NOW);
        let end = expires_in.map(|seconds| now.plus_seconds(seconds));
        let begun =
            Hold::begin(Id::new(now, [1; 10]), Id::new(now, [2; 10]), money(100), Reference::new("x", 1), end, now);
        Hold { status, ..begun.unwrap() }
    }

    #[test]
    fn every_state_and_every_change_has_one_answer() {
        let now = Time::from_millis(NOW);
        let ended = Err(LedgerError::HoldNotActive);
        let short = Err(LedgerError::HoldExceeded);
        let day = now.plus_seconds(DAY);
        // A change, and what it makes of an active hold of 100 before its end: status, captured, released, left.
        let table = [
            (Change::Raise(money(50)), Ok((Status::Active, 0, 0, 150))),
            (Change::Raise(money(MAX_MINOR)), Err(LedgerError::OverCap)),
            (Change::Capture(money(40), Rest::Keep), Ok((Status::Active, 40, 0, 60))),
            (Change::Capture(money(40), Rest::Free), Ok((Status::Captured, 40, 60, 0))),
            (Change::Capture(money(100), Rest::Keep), Ok((Status::Captured, 100, 0, 0))),
            (Change::Capture(money(101), Rest::Keep), short),
            (Change::Capture(money(101), Rest::Free), short),
            (Change::Release(Some(money(40))), Ok((Status::Active, 0, 40, 60))),
            (Change::Release(Some(money(100))), Ok((Status::Released, 0, 100, 0))),
            (Change::Release(None), Ok((Status::Released, 0, 100, 0))),
            (Change::Release(Some(money(101))), short),
            (Change::Extend(day), Ok((Status::Active, 0, 0, 100))),
            (Change::Extend(now.plus_seconds(401 * DAY)), Err(Malformed::EndTooFar.into())),
            (Change::Expire, ended),
        ];
        let seen = |hold: Hold| (hold.status, hold.captured.minor(), hold.released.minor(), hold.left().minor());
        for (change, expected) in table {
            for end in [None, Some(1)] {
                let before = hold(Status::Active, end);
                let after = before.transition(change, now);
                assert!(after.as_ref().is_ok_and(|after| after.step == 1) || expected.is_err(), "{change:?}");
                assert_eq!(after.map(seen), expected, "{change:?}");
            }
            let at_its_end = hold(Status::Active, Some(0)).transition(change, now).map(seen);
            let expected = if change == Change::Expire { Ok((Status::Expired, 0, 100, 0)) } else { ended };
            assert_eq!(at_its_end, expected, "{change:?}");
            for status in [Status::Captured, Status::Released, Status::Expired] {
                for end in [None, Some(1), Some(0)] {
                    assert_eq!(hold(status, end).transition(change, now).map(seen), ended, "{status:?} {change:?}");
                }
            }
        }
    }

    #[test]
    fn a_hold_of_more_than_400_days_is_not_made() {
        let now = Time::from_millis(NOW);
        let made = |seconds| {
            let end = Some(now.plus_seconds(seconds));
            Hold::begin(Id::new(now, [1; 10]), Id::new(now, [2; 10]), money(1), Reference::new("x", 1), end, now)
        };
        assert!(made(400 * DAY).is_ok());
        assert_eq!(made(400 * DAY + 1), Err(Malformed::EndTooFar));
    }
}
