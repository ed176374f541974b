//! Holds: money set aside, raised, captured and released, each step once.

use domain::ledger::hold::{Hold, Rest, Status};
use domain::ledger::{Kind, LedgerError, Posting, Reference};
use domain::{Id, Time};
use store::ledger::{Guard, NotBooked, Posted};

use super::book::{Book, Booked, euros, once, told, user, wallet};

const RELEASE: Kind = Kind::new("talent.release");

fn now(posted: Posted<Hold>) -> Hold {
    match posted {
        Posted::Now(hold) => hold,
        Posted::Before(earlier) => panic!("{earlier:?}"),
    }
}

impl Book {
    async fn capture(&self, hold: &Hold, minor: i64, rest: Rest) -> Booked {
        let parts = [(wallet(2), euros(minor))];
        let posting = Posting::capture(RELEASE, hold, &parts, rest, self.sandbox.clock.now())?;
        self.store.post(self.store.new_transaction_id()?, &posting, Guard::hold_step(), Vec::new()).await
    }

    async fn kept(&self, hold: &Hold) -> Hold {
        self.store.hold_of(hold.user, hold.id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn what_is_held_is_captured_in_parts_and_the_rest_comes_back() {
    let book = Book::open().await;
    book.give(1, euros(1000), "p1").await;
    let begun = book.hold(1, euros(600), "h1").await;
    assert_eq!(book.has(1).await, (400, 600));
    let at = book.sandbox.clock.now();
    let raised = book.store.raise_hold::<()>(&begun, euros(100), at, Guard::by(once("r1")), Vec::new()).await;
    let raised = now(raised.unwrap());
    assert_eq!((book.has(1).await, raised.step), ((300, 700), 1));
    book.capture(&raised, 200, Rest::Keep).await.unwrap();
    assert_eq!((book.has(1).await, book.has(2).await), ((300, 500), (200, 0)));
    let kept = book.kept(&raised).await;
    assert_eq!((kept.left(), kept.status), (euros(500), Status::Active));
    let less = book.store.release_hold::<()>(&kept, Some(euros(50)), at, Vec::new(), Some(told(1))).await;
    let less = now(less.unwrap());
    assert_eq!(book.has(1).await, (350, 450));
    book.capture(&less, 300, Rest::Free).await.unwrap();
    assert_eq!((book.has(1).await, book.has(2).await), ((500, 0), (500, 0)));
    assert_eq!(book.kept(&less).await.status, Status::Captured);
    // Four changes of the hold left two entries: only captures leave the wallet.
    assert_eq!(book.check().await, 3);
}

#[tokio::test]
async fn a_step_is_made_once_and_by_who_knows_the_last_one() {
    let book = Book::open().await;
    book.give(1, euros(1000), "p1").await;
    let begun = book.hold(1, euros(600), "h1").await;
    let at = book.sandbox.clock.now();
    book.capture(&begun, 200, Rest::Keep).await.unwrap();
    let again = book.capture(&begun, 200, Rest::Keep).await.unwrap();
    assert!(matches!(again, Posted::Before(_)), "{again:?}");
    // With a guard of its own, who does not know the last step is told to look again.
    let stale = book.store.raise_hold::<()>(&begun, euros(1), at, Guard::by(once("r1")), Vec::new()).await;
    assert!(matches!(stale, Err(NotBooked::Ledger(LedgerError::Contended))), "{stale:?}");
    let kept = book.kept(&begun).await;
    let released = book.store.release_hold::<()>(&kept, None, at, Vec::new(), None).await.unwrap();
    assert_eq!(now(released).status, Status::Released);
    let late = book.store.raise_hold::<()>(&kept, euros(1), at, Guard::by(once("r1")), Vec::new()).await;
    assert!(matches!(late, Err(NotBooked::Ledger(LedgerError::HoldNotActive))), "{late:?}");
    // Of two who make the same step, one has made it.
    let rival = book.store.release_hold::<()>(&kept, None, at, Vec::new(), None).await.unwrap();
    assert!(matches!(rival, Posted::Before(_)), "{rival:?}");
    let over = book.capture(&book.kept(&begun).await, 1, Rest::Keep).await;
    assert!(matches!(over, Err(NotBooked::Ledger(LedgerError::HoldNotActive))), "{over:?}");
    assert_eq!((book.has(1).await, book.has(2).await), ((800, 0), (200, 0)));
    book.check().await;
}

#[tokio::test]
async fn a_hold_that_is_not_covered_is_not_made() {
    let book = Book::open().await;
    book.give(1, euros(100), "p1").await;
    let at = book.sandbox.clock.now();
    let hold = Hold::begin(Id::new(at, [1; 10]), user(1), euros(101), Reference::new("test", 1), None, at).unwrap();
    let refused = book.store.hold::<()>(&hold, once("h1"), Vec::new(), &[told(1)]).await;
    assert!(matches!(refused, Err(NotBooked::Ledger(LedgerError::InsufficientFunds))), "{refused:?}");
    assert!(book.store.hold_of(user(1), hold.id).await.unwrap().is_none());
    let less = Hold { amount: euros(100), ..hold };
    now(book.store.hold::<()>(&less, once("h1"), Vec::new(), &[told(1)]).await.unwrap());
    let again = book.store.hold::<()>(&less, once("h1"), Vec::new(), &[]).await.unwrap();
    assert!(matches!(again, Posted::Now(_)), "the same hold under the same key: an answer was lost");
    let other = Hold { id: Id::new(at, [2; 10]), ..less };
    let twin = book.store.hold::<()>(&other, once("h1"), Vec::new(), &[]).await.unwrap();
    assert!(matches!(twin, Posted::Before(_)), "{twin:?}");
    assert_eq!(book.has(1).await, (0, 100));
    book.check().await;
}

#[tokio::test]
async fn a_hold_ends_at_its_time_and_may_be_extended_before() {
    let book = Book::open().await;
    book.give(1, euros(100), "p1").await;
    let at = Time::from_millis(1_795_168_800_000);
    let end = Some(at.plus_seconds(60));
    let hold = Hold::begin(Id::new(at, [1; 10]), user(1), euros(70), Reference::new("test", 1), end, at).unwrap();
    let hold = now(book.store.hold::<()>(&hold, once("h1"), Vec::new(), &[]).await.unwrap());
    let early = book.store.expire_hold(&hold, at.plus_seconds(59), None).await;
    assert!(matches!(early, Err(NotBooked::Ledger(LedgerError::HoldNotActive))), "{early:?}");
    let longer = now(book.store.extend_hold(&hold, at.plus_seconds(120), at).await.unwrap());
    let stale = book.store.expire_hold(&hold, at.plus_seconds(60), None).await.unwrap();
    assert!(matches!(stale, Posted::Before(_)), "the wait that was begun first finds that it is stale");
    assert_eq!(book.has(1).await, (30, 70));
    let over = now(book.store.expire_hold(&longer, at.plus_seconds(120), Some(told(1))).await.unwrap());
    assert_eq!((over.status, book.has(1).await), (Status::Expired, (100, 0)));
    book.check().await;
}
