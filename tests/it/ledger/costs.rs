//! What booking costs in write units: the chapter's table, everything included.

use domain::ledger::hold::Rest;
use domain::ledger::{Account, Hold, Kind, Money, Posting, Reference, Shortfall, System};
use store::ledger::Guard;

use super::book::{Book, euros, once, told, wallet};

impl Book {
    async fn writes<T>(&self, act: impl Future<Output = T>) -> (f64, T) {
        let before = self.sandbox.spent();
        let result = act.await;
        ((self.sandbox.spent() - before).writes, result)
    }

    async fn cost_of(&self, posting: Posting, key: &str) -> f64 {
        // As long as they may be: no item may need a second unit.
        let about = Some(Reference::new("withdrawal", "wdr_01h455vb4pex5vsknk084sn02q"));
        let cause = "release:mil_01h455vb4pex5vsknk084sn02q:12".to_owned();
        let posting = posting.because(cause, Some(&"x".repeat(140)), about).emits(told(1));
        self.writes(self.book(&posting, key)).await.0
    }
}

fn split(payees: u8) -> Posting {
    let mut parts: Vec<(Account, Money)> = (2..2 + payees).map(|n| (wallet(n), euros(10))).collect();
    parts.push((Account::System(System::EnergyFees), euros(5)));
    Posting::split(Kind::new("energy.sale"), wallet(1), &parts).unwrap()
}

#[tokio::test]
async fn postings_cost_what_the_table_says() {
    let book = Book::open().await;
    for n in 1..=11 {
        // The first write of a wallet puts it into the list of wallets: one unit, once.
        let (cost, _) = book.writes(book.give(n, euros(100_000), &format!("p{n}"))).await;
        assert!(cost <= 9.0, "{cost}");
    }
    let topup = Posting::transfer(Kind::TOPUP, Account::System(System::Bank), wallet(1), euros(5)).unwrap();
    assert_eq!(book.cost_of(topup, "topup").await, 8.0);
    let transfer = Posting::transfer(Kind::TRANSFER, wallet(1), wallet(2), euros(5)).unwrap();
    assert_eq!(book.cost_of(transfer, "transfer").await, 12.0);
    assert_eq!(book.cost_of(split(1), "sale").await, 12.0);
    assert_eq!(book.cost_of(split(2), "three ways").await, 16.0);
    for payees in 3..=9 {
        let wallets = f64::from(payees) + 1.0;
        // Above eight legs the entry needs a second kilobyte.
        let legs = usize::from(payees) + 2;
        let entry = if legs > 8 { 2.0 } else { 0.0 };
        assert_eq!(book.cost_of(split(payees), &format!("{payees} payees")).await, 4.0 + 4.0 * wallets + entry);
    }
}

#[tokio::test]
async fn holds_and_reversals_cost_what_the_table_says() {
    let book = Book::open().await;
    for n in 1..=3 {
        book.give(n, euros(100_000), &format!("p{n}")).await;
    }
    let at = book.sandbox.clock.now();
    let about = Reference::new("milestone", "mil_01h455vb4pex5vsknk084sn02q");
    let end = Some(at.plus_seconds(3600));
    let hold = Hold::begin(domain::Id::new(at, [1; 10]), super::book::user(1), euros(100), about, end, at).unwrap();
    let (cost, _) = book.writes(book.store.hold::<()>(&hold, once("h1"), Vec::new(), &[told(1)])).await;
    assert_eq!(cost, 6.0, "hold");
    let raise = book.store.raise_hold::<()>(&hold, euros(100), at, Guard::by(once("r1")), Vec::new());
    let (cost, raised) = book.writes(raise).await;
    assert_eq!(cost, 6.0, "raise");
    let store::ledger::Posted::Now(mut hold) = raised.unwrap() else { panic!("before") };
    for (payees, expected) in [(1, 12.0), (2, 16.0)] {
        let mut parts: Vec<(Account, Money)> = (2..2 + payees).map(|n| (wallet(n), euros(10))).collect();
        parts.push((Account::System(System::TalentFees), euros(1)));
        let capture = Posting::capture(Kind::new("talent.release"), &hold, &parts, Rest::Keep, at).unwrap();
        let capture = capture.because("release:mil_01h455vb4pex5vsknk084sn02q:1".into(), None, None).emits(told(1));
        let transaction = book.store.new_transaction_id().unwrap();
        let (cost, _) = book.writes(book.store.post::<()>(transaction, &capture, Guard::hold_step(), Vec::new())).await;
        assert_eq!(cost, expected, "capture to {payees}");
        hold = book.store.hold_of(hold.user, hold.id).await.unwrap().unwrap();
    }
    let release = book.store.release_hold::<()>(&hold, None, at, Vec::new(), Some(told(1)));
    assert_eq!(book.writes(release).await.0, 6.0, "release");
    for payees in 1..=2 {
        let sold = book.book(&split(payees), &format!("s{payees}")).await;
        let original = book.store.original(sold).await.unwrap().unwrap();
        let back = Posting::reverse(&original, euros(7), Shortfall::Refuse).unwrap();
        let wallets = f64::from(payees) + 1.0;
        assert_eq!(book.cost_of(back, &format!("b{payees}")).await, 4.0 * wallets + 6.0, "reversal");
    }
    let before = book.sandbox.spent();
    book.wallet(1).await;
    assert_eq!((book.sandbox.spent() - before).reads, 1.0, "a wallet, strongly");
    book.check().await;
}
