//! Many at once, and calls that go wrong: one effect, and no unit lost.

use devstack::cloud::Service;
use devstack::cloud::faults::{Address, CancellationCode, Fault, Refusal};
use domain::ledger::{Kind, LedgerError, Posting};
use futures::future::join_all;
use store::ledger::{NotBooked, Posted};

use super::book::{Book, euros, wallet};

fn gift(minor: i64) -> Posting {
    Posting::transfer(Kind::TRANSFER, wallet(1), wallet(2), euros(minor)).unwrap()
}

fn next_transaction(n: u64) -> Address {
    Address { function: "unknown".into(), service: Service::DynamoDb, operation: "TransactWriteItems".into(), n }
}

#[tokio::test]
async fn s2_balance_race() {
    let book = Book::open().await;
    for round in 0..5 {
        book.give(1, euros(100), &format!("p{round}")).await;
        let posting = gift(100);
        let keys: Vec<String> = (0..20).map(|n| format!("t{round}.{n}")).collect();
        let spends = join_all(keys.iter().map(|key| book.post(&posting, key))).await;
        let won = spends.iter().filter(|spend| matches!(spend, Ok(Posted::Now(_)))).count();
        let lost = |spend: &&_| matches!(spend, Err(NotBooked::Ledger(LedgerError::InsufficientFunds)));
        assert_eq!((won, spends.iter().filter(lost).count()), (1, 19), "{spends:?}");
        assert_eq!((book.has(1).await.0, book.has(2).await.0), (0, 100 * (round + 1)));
    }
    assert_eq!(book.check().await, 10);
}

#[tokio::test]
async fn twins_of_one_cause_move_money_once() {
    let book = Book::open().await;
    book.give(1, euros(1000), "p1").await;
    let posting = gift(10);
    let twins = join_all((0..20).map(|_| book.post(&posting, "t1"))).await;
    let now = twins.iter().filter(|twin| matches!(twin, Ok(Posted::Now(_)))).count();
    let before = twins.iter().filter(|twin| matches!(twin, Ok(Posted::Before(_)))).count();
    assert_eq!((now, before, book.has(2).await.0), (1, 19, 10), "{twins:?}");
    assert_eq!(book.check().await, 2);
}

#[tokio::test]
async fn conflicts_are_tried_again_and_lost_answers_found() {
    let book = Book::open().await;
    book.give(1, euros(1000), "p1").await;
    let conflict = |item| Fault::Refuse(Refusal::cancelled(CancellationCode::TransactionConflict, item));
    let throttled = Fault::Refuse(Refusal::cancelled(CancellationCode::ThrottlingError, 2));
    for (n, fault) in
        [conflict(0), conflict(3), throttled, Fault::Lose, Fault::Truncate, Fault::Garble, Fault::Duplicate]
            .into_iter()
            .enumerate()
    {
        let faults = book.sandbox.cloud.faults();
        faults.arm(next_transaction(0), fault.clone());
        let posted = book.post(&gift(10), &format!("t{n}")).await;
        assert!(matches!(posted, Ok(Posted::Now(_))), "{fault}: {posted:?}");
        assert!(faults.fired(), "{fault}");
        faults.calm();
        assert_eq!(book.has(2).await.0, 10 * (i64::try_from(n).unwrap() + 1), "{fault}");
    }
    assert_eq!(book.check().await, 8);
}
