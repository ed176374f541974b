//! A book of a test's own: the store over an empty table, and people with money.

use domain::event::Event;
use domain::identity::events::UserLoggedIn;
use domain::identity::session::Method;
use domain::ledger::id::Transaction;
use domain::ledger::{Account, Balance, Currency, Gateway, Hold, Kind, Money, Posting, Reference, System, Wallet};
use domain::{Id, Time, id};
use entry::App;
use store::ledger::{Guard, NotBooked, Posted};
use store::once::Record;
use store::{Freshness, Store, Write};
use testkit::Sandbox;

/// The result of a posting with nothing beside it.
pub type Booked = Result<Posted<Id<Transaction>>, NotBooked<()>>;

pub struct Book {
    pub sandbox: Sandbox,
    pub store: Store,
}

pub fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

/// Somebody, by number; nobody in identity needs to know them.
pub fn user(n: u8) -> Id<id::User> {
    Id::new(Time::from_millis(1_700_000_000_000), [n; 10])
}

pub fn wallet(n: u8) -> Account {
    Account::Wallet(user(n))
}

/// What makes something happen once: a key that somebody may use once.
pub fn once(key: &str) -> Write<()> {
    let at = Time::from_millis(1_795_168_800_000);
    store::once::guard(&Record::new("tester".into(), key.into(), "same".into(), "answered".into(), at)).unwrap()
}

/// Something that is told, of the usual size.
pub fn told(n: u8) -> Event {
    let at = Time::from_millis(1_795_168_800_000);
    let told = UserLoggedIn { user_id: user(n), session_id: Id::new(at, [n; 10]), method: Method::Password };
    Event::new(Id::new(at, [n; 10]), at, Some(user(n)), &[user(n)], "0b2f6c1a-request", &told).unwrap()
}

impl Book {
    pub async fn open() -> Book {
        let sandbox = Sandbox::start().await;
        let store = App::cold(&sandbox.environment("users"), &sandbox.aws).unwrap().store;
        Book { sandbox, store }
    }

    pub async fn post(&self, posting: &Posting, key: &str) -> Booked {
        let transaction = self.store.new_transaction_id().unwrap();
        self.store.post(transaction, posting, Guard::by(once(key)), Vec::new()).await
    }

    /// Books what must succeed; its id.
    pub async fn book(&self, posting: &Posting, key: &str) -> Id<Transaction> {
        match self.post(posting, key).await.unwrap() {
            Posted::Now(transaction) => transaction,
            Posted::Before(earlier) => panic!("{earlier:?}"),
        }
    }

    pub async fn give(&self, n: u8, money: Money, key: &str) -> Id<Transaction> {
        let from = Account::System(System::Gateway(Gateway::Sandbox));
        let posting = Posting::transfer(Kind::TOPUP, from, wallet(n), money).unwrap();
        let about = Some(Reference::new("payment", key));
        self.book(&posting.because(format!("pay:{key}"), Some("Top-up"), about), key).await
    }

    /// Sets money of somebody aside, for ever.
    pub async fn hold(&self, n: u8, money: Money, key: &str) -> Hold {
        let now = self.sandbox.clock.now();
        let id = Id::from_bytes(*self.store.new_transaction_id().unwrap().as_bytes());
        let hold = Hold::begin(id, user(n), money, Reference::new("test", key), None, now).unwrap();
        match self.store.hold::<()>(&hold, once(key), Vec::new(), &[]).await.unwrap() {
            Posted::Now(hold) => hold,
            Posted::Before(earlier) => panic!("{earlier:?}"),
        }
    }

    pub async fn wallet(&self, n: u8) -> Wallet {
        self.store.wallet(user(n), Freshness::Strong).await.unwrap()
    }

    pub async fn balance(&self, n: u8) -> Balance {
        self.wallet(n).await.balance(Currency::EUR)
    }

    /// What somebody may spend, and what is set aside.
    pub async fn has(&self, n: u8) -> (i64, i64) {
        let balance = self.balance(n).await;
        (balance.available, balance.held)
    }
}
