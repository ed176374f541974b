//! Random operations, side by side with a model that has one thread and no database.

use std::collections::BTreeMap;

use domain::ledger::hold::{Change, Rest, Status};
use domain::ledger::id::Transaction;
use domain::ledger::{Account, Gateway, Hold, Kind, LedgerError, Leg, Money, Original, Posting, Shortfall, System};
use domain::{Id, Time};
use store::ledger::{Guard, NotBooked, Posted};

use super::book::{Book, Booked, euros, once, user, wallet};

const PEOPLE: u8 = 6;

/// Holds of this run have no end, so any time will do.
fn then() -> Time {
    Time::from_millis(1_795_168_800_000)
}

/// What people have: to spend, set aside, owed.
#[derive(Default)]
struct Model {
    people: BTreeMap<u8, [i64; 3]>,
    holds: Vec<(u8, Hold)>,
    sales: Vec<Id<Transaction>>,
    used: Vec<(String, Posting)>,
    booked: usize,
    refused: usize,
}

/// SplitMix64: chance that a seed brings again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    fn somebody(&mut self) -> u8 {
        1 + u8::try_from(self.below(PEOPLE.into())).unwrap()
    }

    fn money(&mut self, most: i64) -> Money {
        euros(1 + self.below(most))
    }
}

impl Model {
    fn of(&mut self, n: u8) -> &mut [i64; 3] {
        self.people.entry(n).or_default()
    }

    /// What legs do, if everybody can bear it.
    fn book(&mut self, legs: &[Leg]) -> Result<(), LedgerError> {
        let mut after = self.people.clone();
        for leg in legs {
            let (account, part) = match leg.account {
                Account::Wallet(user) => (user, 0),
                Account::Held(user) => (user, 1),
                Account::System(_) => continue,
            };
            let n = (1..=PEOPLE).find(|n| user(*n) == account).unwrap();
            after.entry(n).or_default()[part] += leg.amount;
        }
        if after.values().any(|has| has[0] < 0) {
            return Err(LedgerError::InsufficientFunds);
        }
        self.people = after;
        Ok(())
    }

    /// Sees that the book did what the model did.
    fn compare(&mut self, what: &str, expected: Result<(), LedgerError>, seen: Booked) -> Option<Id<Transaction>> {
        match (expected, seen) {
            (Ok(()), Ok(Posted::Now(transaction))) => {
                self.booked += 1;
                Some(transaction)
            }
            (Err(error), Err(NotBooked::Ledger(seen))) if error == seen => {
                self.refused += 1;
                None
            }
            (expected, seen) => panic!("{what}: {expected:?} in the model, {seen:?} in the book"),
        }
    }
}

struct Run {
    book: Book,
    model: Model,
    chance: Chance,
}

impl Run {
    async fn step(&mut self, n: usize) {
        let key = format!("op{n}");
        match self.chance.below(20) {
            0..=1 => self.move_money(&key, Account::System(System::Gateway(Gateway::Sandbox)), Kind::TOPUP).await,
            2..=8 => {
                let from = wallet(self.chance.somebody());
                self.move_money(&key, from, Kind::TRANSFER).await;
            }
            9..=10 => self.sell(&key).await,
            11..=12 => self.hold(&key).await,
            13..=16 => self.change_hold(&key).await,
            17..=18 => self.take_back(&key).await,
            _ => self.replay().await,
        }
    }

    async fn move_money(&mut self, key: &str, from: Account, kind: Kind) {
        let (to, money) = (wallet(self.chance.somebody()), self.chance.money(1000));
        let Ok(posting) = Posting::transfer(kind, from, to, money) else { return };
        let expected = self.model.book(posting.legs());
        let seen = self.book.post(&posting, key).await;
        if self.model.compare("transfer", expected, seen).is_some() {
            self.model.used.push((key.to_owned(), posting));
        }
    }

    async fn sell(&mut self, key: &str) {
        let fee = (Account::System(System::PluginsFees), self.chance.money(100));
        let payees = 1 + self.chance.below(3);
        let mut parts: Vec<(Account, Money)> =
            (0..payees).map(|_| (wallet(self.chance.somebody()), self.chance.money(300))).collect();
        parts.push(fee);
        let posting = Posting::split(Kind::new("plugin.sale"), wallet(self.chance.somebody()), &parts).unwrap();
        let expected = self.model.book(posting.legs());
        let seen = self.book.post(&posting, key).await;
        let booked = self.model.compare("sale", expected, seen);
        self.model.sales.extend(booked);
    }

    async fn hold(&mut self, key: &str) {
        let (n, money) = (self.chance.somebody(), self.chance.money(800));
        let id = Id::from_bytes(*self.book.store.new_transaction_id().unwrap().as_bytes());
        let about = domain::ledger::Reference::new("model", key);
        let hold = Hold::begin(id, user(n), money, about, None, then()).unwrap();
        let seen = self.book.store.hold::<()>(&hold, once(key), Vec::new(), &[]).await;
        let has = self.model.of(n);
        match (has[0] >= money.minor(), seen) {
            (true, Ok(Posted::Now(hold))) => {
                (has[0], has[1]) = (has[0] - money.minor(), has[1] + money.minor());
                self.model.holds.push((n, hold));
            }
            (false, Err(NotBooked::Ledger(LedgerError::InsufficientFunds))) => self.model.refused += 1,
            (fits, seen) => panic!("hold: {fits}, {seen:?}"),
        }
    }

    async fn change_hold(&mut self, key: &str) {
        let Some(last) = i64::try_from(self.model.holds.len()).ok().filter(|many| *many > 0) else { return };
        let i = usize::try_from(self.chance.below(last)).unwrap();
        let (n, before) = self.model.holds[i].clone();
        let part = self.chance.money(before.left().minor() + 20);
        let after = match self.chance.below(4) {
            0 => self.raise(n, &before, part, key).await,
            1 => self.release(n, &before, part).await,
            choice => {
                let rest = if choice == 2 { Rest::Keep } else { Rest::Free };
                self.capture(n, &before, part, rest).await
            }
        };
        let Some(after) = after else { return };
        assert_eq!(self.book.store.hold_of(user(n), after.id).await.unwrap().as_ref(), Some(&after));
        match after.status {
            Status::Active => self.model.holds[i].1 = after,
            _ => drop(self.model.holds.swap_remove(i)),
        }
    }

    async fn raise(&mut self, n: u8, before: &Hold, more: Money, key: &str) -> Option<Hold> {
        let seen = self.book.store.raise_hold::<()>(before, more, then(), Guard::by(once(key)), Vec::new()).await;
        let has = self.model.of(n);
        match (has[0] >= more.minor(), seen) {
            (true, Ok(Posted::Now(after))) => {
                (has[0], has[1]) = (has[0] - more.minor(), has[1] + more.minor());
                Some(after)
            }
            (false, Err(NotBooked::Ledger(LedgerError::InsufficientFunds))) => None,
            (fits, seen) => panic!("raise: {fits}, {seen:?}"),
        }
    }

    async fn release(&mut self, n: u8, before: &Hold, part: Money) -> Option<Hold> {
        let seen = self.book.store.release_hold::<()>(before, Some(part), then(), Vec::new(), None).await;
        let has = self.model.of(n);
        match (before.left().minor() >= part.minor(), seen) {
            (true, Ok(Posted::Now(after))) => {
                (has[0], has[1]) = (has[0] + part.minor(), has[1] - part.minor());
                Some(after)
            }
            (false, Err(NotBooked::Ledger(LedgerError::HoldExceeded))) => None,
            (fits, seen) => panic!("release: {fits}, {seen:?}"),
        }
    }

    async fn capture(&mut self, n: u8, before: &Hold, part: Money, rest: Rest) -> Option<Hold> {
        let parts = [(wallet(self.chance.somebody()), part)];
        let Ok(posting) = Posting::capture(Kind::new("talent.release"), before, &parts, rest, then()) else {
            assert!(before.left().minor() < part.minor(), "{before:?} has {part}");
            return None;
        };
        self.model.book(posting.legs()).unwrap();
        if rest == Rest::Free {
            let freed = before.left().minor() - part.minor();
            let has = self.model.of(n);
            (has[0], has[1]) = (has[0] + freed, has[1] - freed);
        }
        let transaction = self.book.store.new_transaction_id().unwrap();
        let seen = self.book.store.post(transaction, &posting, Guard::hold_step(), Vec::new()).await;
        self.model.compare("capture", Ok(()), seen);
        Some(before.transition(Change::Capture(part, rest), then()).unwrap())
    }

    async fn take_back(&mut self, key: &str) {
        let Some(last) = i64::try_from(self.model.sales.len()).ok().filter(|many| *many > 0) else { return };
        let i = usize::try_from(self.chance.below(last)).unwrap();
        let original: Original = self.book.store.original(self.model.sales[i]).await.unwrap().unwrap();
        let Some(left) = original.amount_left() else {
            self.model.sales.swap_remove(i);
            return;
        };
        let amount = self.chance.money(left.minor());
        let shortfall = if self.chance.below(2) == 0 { Shortfall::Refuse } else { Shortfall::Cover };
        let posting = Posting::reverse(&original, amount, shortfall).unwrap();
        let mut legs = posting.legs().to_vec();
        if shortfall == Shortfall::Cover {
            for leg in &mut legs {
                let Some(n) = (1..=PEOPLE).find(|n| leg.account == wallet(*n)) else { continue };
                let has = self.model.of(n);
                let missing = (-leg.amount - has[0]).max(0);
                (leg.amount, has[2]) = (leg.amount + missing, has[2] + missing);
            }
        }
        let expected = self.model.book(&legs);
        let seen = self.book.post(&posting, key).await;
        self.model.compare("take back", expected, seen);
    }

    /// What was booked under a key is not booked under it again.
    async fn replay(&mut self) {
        let Some((key, posting)) = self.model.used.last().cloned() else { return };
        let seen = self.book.post(&posting, &key).await;
        assert!(matches!(seen, Ok(Posted::Before(_))), "{seen:?}");
    }

    async fn look(&mut self) {
        for n in 1..=PEOPLE {
            let balance = self.book.balance(n).await;
            assert_eq!([balance.available, balance.held, balance.owed], *self.model.of(n), "person {n}");
        }
    }
}

/// As many random operations as somebody wants; the book must be as the model, and whole, at every look.
async fn run(operations: usize, seed: u64) {
    let mut run = Run { book: Book::open().await, model: Model::default(), chance: Chance(seed) };
    for n in 0..operations {
        run.step(n).await;
        if n % 500 == 499 {
            run.look().await;
        }
    }
    run.look().await;
    assert_eq!(run.book.check().await, run.model.booked, "an entry for each booking, none for a refusal");
    let (booked, refused) = (run.model.booked, run.model.refused);
    assert!(booked > operations / 4 && refused > operations / 100, "both happen: {booked}, {refused}");
}

/// `LEDGER_OPERATIONS` says how many, `LEDGER_SEED` which.
#[tokio::test]
async fn random_operations_come_to_what_the_model_says() {
    let setting = |name: &str, default: u64| match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    };
    run(usize::try_from(setting("LEDGER_OPERATIONS", 1_000)).unwrap(), setting("LEDGER_SEED", 1)).await;
}
