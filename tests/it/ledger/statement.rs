//! Statements: opening and closing of any span, from months that were closed and the lines since.

use domain::Time;
use domain::ledger::{Currency, Kind, Posting};

use aws_sdk_dynamodb::types::AttributeValue;

use super::book::{Book, euros, user, wallet};

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

impl Book {
    /// A line as a booking of that time would have left it.
    async fn booked_then(&self, like: &str, time: &str, minor: i64) {
        let items = self.sandbox.partition(&format!("WAL#{}", user(1))).await;
        let mut line = items.into_iter().find(|item| item["sk"].as_s().unwrap().contains(like)).unwrap();
        let transaction: domain::Id<domain::ledger::id::Transaction> = domain::Id::new(at(time), [1; 10]);
        line.insert("sk".into(), AttributeValue::S(format!("L#{transaction}#EUR")));
        line.insert("transaction".into(), AttributeValue::S(transaction.to_string()));
        line.insert("amount".into(), AttributeValue::N(minor.to_string()));
        let put = self.sandbox.dynamodb().put_item().table_name("souk-local-core").set_item(Some(line));
        put.send().await.unwrap();
    }

    async fn closings(&self) -> Vec<String> {
        let items = self.sandbox.partition(&format!("WAL#{}", user(1))).await;
        let keys = items.iter().map(|item| item["sk"].as_s().unwrap().clone());
        keys.filter(|key| key.starts_with("C#")).collect()
    }
}

#[tokio::test]
async fn opening_and_what_came_and_went_is_closing() {
    let book = Book::open().await;
    let today = book.give(1, euros(7), "p1").await;
    let like = today.to_string();
    for (time, minor) in [
        ("2024-01-31T23:59:59.999Z", 1000),
        ("2024-02-01T00:00:00.000Z", -300),
        ("2024-02-15T12:00:00.000Z", 50),
        ("2024-04-30T10:00:00.000Z", -150),
    ] {
        book.booked_then(&like, time, minor).await;
    }
    for _ in 0..2 {
        // Again, from the closings that the first round made.
        for (from, before, expected) in [
            ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", (0, 1000, 0, 1000, 1)),
            ("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", (1000, 50, 300, 750, 2)),
            ("2024-02-01T00:00:00.001Z", "2024-02-29T00:00:00Z", (700, 50, 0, 750, 1)),
            ("2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z", (750, 0, 0, 750, 0)),
            ("2023-01-01T00:00:00Z", "2024-05-01T00:00:00Z", (0, 1050, 450, 600, 4)),
            ("2024-04-30T10:00:00Z", "2024-04-30T10:00:00.001Z", (750, 0, 150, 600, 1)),
        ] {
            let statement = book.store.statement(user(1), Currency::EUR, (at(from), at(before))).await.unwrap();
            let seen = (statement.opening, statement.credits, statement.debits, statement.closing, statement.count);
            assert_eq!(seen, expected, "{from} to {before}");
        }
        let now = book.store.sums_before(user(1), Currency::EUR, today.time().plus_seconds(1)).await.unwrap();
        assert_eq!((now.total(), now.count), (607, 5));
        let dollars = book.store.sums_before(user(1), Currency::USD, today.time().plus_seconds(1)).await.unwrap();
        assert_eq!((dollars.total(), dollars.count), (0, 0));
    }
    let closings = book.closings().await;
    for month in ["2024-01", "2024-02", "2024-03", "2024-04"] {
        assert!(closings.contains(&format!("C#EUR#{month}")), "{closings:?}");
    }
    let this_month = &today.time().to_string()[..7];
    assert!(!closings.iter().any(|closing| closing.ends_with(this_month)), "a month that goes on is not closed");
}

#[tokio::test]
async fn pages_of_lines_add_up() {
    let book = Book::open().await;
    book.give(1, euros(100), "p1").await;
    for n in 0..7 {
        let gift = Posting::transfer(Kind::TRANSFER, wallet(1), wallet(2), euros(10 + n)).unwrap();
        book.book(&gift, &format!("t{n}")).await;
    }
    let (mut after, mut sum, mut pages) = (None, 0, 0);
    loop {
        let limit = domain::page::Limit::new(3).unwrap();
        let filter = store::ledger::LineFilter { currency: Some(Currency::EUR), ..Default::default() };
        let page = book.store.lines(user(2), &filter, store::Order::Ascending, after, limit).await.unwrap();
        sum += page.items.iter().map(|line| line.amount).sum::<i64>();
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((sum, pages), (91, 3));
    assert_eq!(book.check().await, 8);
}
