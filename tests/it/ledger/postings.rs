//! Postings: once, whole or not at all, and each failure by its name.

use domain::ledger::{Account, Currency, Entry, Kind, LedgerError, Leg, Money, Posting, Reference, System};
use domain::page::Limit;
use store::Order;
use store::ledger::{Direction, Guard, LineFilter, NotBooked, Posted};

use super::book::{Book, euros, once, told, user, wallet};

fn sale(from: u8, to: u8) -> Posting {
    let parts = [(wallet(to), euros(850)), (Account::System(System::PluginsFees), euros(149))];
    let posting = Posting::split(Kind::new("plugin.sale"), wallet(from), &parts).unwrap();
    posting.because("buy:1".into(), Some("A plugin"), Some(Reference::new("plugin", "plg_1")))
}

#[tokio::test]
async fn a_posting_leaves_an_entry_a_line_for_each_wallet_and_changed_balances() {
    let book = Book::open().await;
    assert_eq!(book.wallet(1).await.balances.len(), 0, "a wallet is there from the first moment");
    book.give(1, euros(1000), "p1").await;
    let transaction = book.book(&sale(1, 2).emits(told(1)), "s1").await;
    assert_eq!((book.has(1).await, book.has(2).await), ((1, 0), (850, 0)));
    let entry: Entry = book.store.journal_entry(transaction).await.unwrap().unwrap();
    assert_eq!(entry.legs.iter().map(|leg| leg.amount).collect::<Vec<_>>(), [-999, 850, 149]);
    assert_eq!((entry.cause.as_str(), entry.booked_at()), ("buy:1", transaction.time()));
    let line = &book.store.lines_of(user(2), transaction).await.unwrap()[0];
    assert_eq!((line.amount, line.counterparty.user_id), (850, Some(user(1))));
    let all = LineFilter::default();
    let lines = book.store.lines(user(1), &all, Order::Descending, None, Limit::default()).await.unwrap();
    assert_eq!(lines.items.iter().map(|line| line.amount).collect::<Vec<_>>(), [-999, 1000]);
    let about = Some(Reference::new("plugin", "plg_1"));
    for (filter, expected) in [
        (LineFilter { direction: Some(Direction::Incoming), ..all.clone() }, vec![1000]),
        (LineFilter { direction: Some(Direction::Outgoing), ..all.clone() }, vec![-999]),
        (LineFilter { kind: Some(Kind::TOPUP), ..all.clone() }, vec![1000]),
        (LineFilter { reference: about, ..all.clone() }, vec![-999]),
        (LineFilter { currency: Some(Currency::USD), ..all.clone() }, vec![]),
        (LineFilter { before: Some(transaction.time().plus_seconds(-60)), ..all.clone() }, vec![]),
        (LineFilter { from: Some(transaction.time().plus_seconds(-60)), ..all.clone() }, vec![1000, -999]),
    ] {
        let lines = book.store.lines(user(1), &filter, Order::Ascending, None, Limit::default()).await.unwrap();
        assert_eq!(lines.items.iter().map(|line| line.amount).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    let wallet = book.wallet(1).await;
    assert_eq!((wallet.last_transaction_at, wallet.version), (Some(transaction.time()), 2));
    assert_eq!(book.check().await, 2);
}

#[tokio::test]
async fn s3_cause_once() {
    let book = Book::open().await;
    book.give(1, euros(2000), "p1").await;
    let first = book.book(&sale(1, 2), "s1").await;
    // The same cause again, with money enough, and then without: the guard counts first.
    for _ in 0..3 {
        let Posted::Before(earlier) = book.post(&sale(1, 2), "s1").await.unwrap() else { panic!("booked twice") };
        assert_eq!(earlier.by(), Some(first.to_string().as_str()));
        let empty = Posting::transfer(Kind::TRANSFER, wallet(1), wallet(3), euros(500)).unwrap();
        let _ = book.post(&empty, "drain").await;
    }
    // Who comes with the same transaction too has lost an answer: it was done now.
    let again = book.store.post::<()>(first, &sale(1, 2), Guard::by(once("s1")), Vec::new()).await.unwrap();
    assert!(matches!(again, Posted::Now(transaction) if transaction == first));
    assert_eq!((book.has(1).await, book.has(2).await), ((501, 0), (850, 0)));
    assert_eq!(book.check().await, 3);
}

#[tokio::test]
async fn s2_failed_charge_gives_back() {
    let book = Book::open().await;
    book.give(1, euros(998), "p1").await;
    let refused = book.post(&sale(1, 2), "s1").await;
    assert!(matches!(refused, Err(NotBooked::Ledger(LedgerError::InsufficientFunds))), "{refused:?}");
    let nobody = book.post(&sale(3, 2), "s2").await;
    assert!(matches!(nobody, Err(NotBooked::Ledger(LedgerError::InsufficientFunds))), "{nobody:?}");
    // What was to happen with it fails by its own name, and takes the money with it into nothing.
    let taken = store::once::guard(&store::once::Record::new(
        "tester".into(),
        "p1".into(),
        "same".into(),
        "answered".into(),
        domain::Time::from_millis(1_795_168_800_000),
    ))
    .unwrap();
    let small = Posting::transfer(Kind::TRANSFER, wallet(1), wallet(2), euros(5)).unwrap();
    let transaction = book.store.new_transaction_id().unwrap();
    let refused = book.store.post(transaction, &small, Guard::by(once("s3")), vec![taken]).await;
    assert!(matches!(refused, Err(NotBooked::Also(()))), "{refused:?}");
    assert_eq!((book.has(1).await, book.has(2).await), ((998, 0), (0, 0)));
    // Neither left a record behind: the same causes can still happen.
    book.book(&small, "s1").await;
    book.book(&small, "s3").await;
    assert_eq!(book.check().await, 3);
}

#[tokio::test]
async fn s2_big_adjustment() {
    let book = Book::open().await;
    let most = euros(domain::ledger::money::MAX_MINOR);
    book.give(1, most, "p1").await;
    let more = Posting::transfer(Kind::ADJUSTMENT, Account::System(System::Adjustments), wallet(1), euros(1)).unwrap();
    let refused = book.post(&more, "p2").await;
    assert!(matches!(refused, Err(NotBooked::Ledger(LedgerError::OverCap))), "{refused:?}");
    let all = Posting::transfer(Kind::TRANSFER, wallet(1), wallet(2), most).unwrap();
    book.book(&all, "p3").await;
    book.book(&more, "p2").await;
    assert_eq!((book.has(1).await.0, book.has(2).await.0), (1, most.minor()));
    book.check().await;
}

#[tokio::test]
async fn one_posting_may_move_two_currencies() {
    let book = Book::open().await;
    let money = |minor, currency| Money::new(minor, currency).unwrap();
    book.give(1, money(1000, Currency::USDC), "p1").await;
    let leg = |account, amount, currency| Leg { account, amount, currency };
    let fx = Account::System(System::Fx);
    let legs = [
        leg(wallet(1), -1000, Currency::USDC),
        leg(fx, 1000, Currency::USDC),
        leg(fx, -400_000, Currency::TFT),
        leg(wallet(1), 400_000, Currency::TFT),
    ];
    let transaction = book.book(&Posting::of(Kind::new("swap"), &legs).unwrap(), "s1").await;
    let wallet = book.wallet(1).await;
    assert_eq!((wallet.balance(Currency::USDC).total(), wallet.balance(Currency::TFT).total()), (0, 400_000));
    assert_eq!(wallet.balances.len(), 2, "what ever had money keeps its row");
    assert_eq!(book.store.lines_of(user(1), transaction).await.unwrap().len(), 2);
    book.check().await;
}

#[tokio::test]
async fn nothing_is_written_into_the_books_past() {
    let book = Book::open().await;
    let old = domain::Id::new(book.store.new_transaction_id().unwrap().time().plus_seconds(-60), [1; 10]);
    let gift = Posting::transfer(Kind::TOPUP, Account::System(System::Bank), wallet(1), euros(5)).unwrap();
    let refused = book.store.post::<()>(old, &gift, Guard::by(once("p1")), Vec::new()).await;
    assert!(matches!(refused, Err(NotBooked::Store(_))), "{refused:?}");
    assert_eq!(book.check().await, 0);
}
