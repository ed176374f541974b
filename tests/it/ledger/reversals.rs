//! Taking back what was booked: whole, in parts, and from whoever cannot give it.

use domain::ledger::{Account, Kind, LedgerError, Money, Original, Posting, Shortfall, System};
use store::ledger::NotBooked;

use super::book::{Book, Booked, euros, wallet};

fn sale() -> Posting {
    let parts = [(wallet(2), euros(85)), (Account::System(System::PluginsFees), euros(15))];
    Posting::split(Kind::new("plugin.sale"), wallet(1), &parts).unwrap()
}

impl Book {
    async fn take_back(&self, original: &Original, amount: Money, shortfall: Shortfall, key: &str) -> Booked {
        self.post(&Posting::reverse(original, amount, shortfall)?, key).await
    }
}

#[tokio::test]
async fn s3_refund_debits_both() {
    let book = Book::open().await;
    book.give(1, euros(100), "p1").await;
    let sold = book.book(&sale(), "s1").await;
    let whole = book.store.original(sold).await.unwrap().unwrap();
    book.take_back(&whole, euros(50), Shortfall::Refuse, "r1").await.unwrap();
    assert_eq!((book.has(1).await.0, book.has(2).await.0), (50, 42));
    // Who looked before the first part was taken is told to look again.
    let stale = book.take_back(&whole, euros(60), Shortfall::Refuse, "r2").await;
    assert!(matches!(stale, Err(NotBooked::Ledger(LedgerError::Contended))), "{stale:?}");
    let rest = book.store.original(sold).await.unwrap().unwrap();
    let over = book.take_back(&rest, euros(51), Shortfall::Refuse, "r2").await;
    assert!(matches!(over, Err(NotBooked::Ledger(LedgerError::OverReversed))), "{over:?}");
    book.take_back(&rest, euros(50), Shortfall::Refuse, "r2").await.unwrap();
    assert_eq!((book.has(1).await.0, book.has(2).await.0), (100, 0));
    assert_eq!(book.store.original(sold).await.unwrap().unwrap().amount_left(), None);
    let line = &book.store.lines_of(super::book::user(1), sold).await.unwrap()[0];
    assert_eq!(line.amount, -100, "what was booked stays as it was");
    assert_eq!(book.check().await, 4);
}

#[tokio::test]
async fn who_spent_it_refuses_or_owes() {
    let book = Book::open().await;
    book.give(1, euros(100), "p1").await;
    let sold = book.book(&sale(), "s1").await;
    let spent = Posting::transfer(Kind::TRANSFER, wallet(2), wallet(3), euros(80)).unwrap();
    book.book(&spent, "t1").await;
    let whole = book.store.original(sold).await.unwrap().unwrap();
    let refused = book.take_back(&whole, euros(100), Shortfall::Refuse, "r1").await;
    assert!(matches!(refused, Err(NotBooked::Ledger(LedgerError::InsufficientFunds))), "{refused:?}");
    book.take_back(&whole, euros(100), Shortfall::Cover, "r1").await.unwrap();
    let payee = book.balance(2).await;
    assert_eq!((book.has(1).await.0, payee.available, payee.owed), (100, 0, 80));
    assert_eq!(book.check().await, 4);
}
