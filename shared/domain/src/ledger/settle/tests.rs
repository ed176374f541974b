use super::*;
use crate::Time;
use crate::ledger::refund;
use crate::ledger::{Currency, Gateway, fact};

const NOW: i64 = 1_795_168_800_000;

fn euros(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

fn payment() -> Payment {
    let now = Time::from_millis(NOW);
    Payment {
        id: Id::new(now, [1; 10]),
        user: Id::new(now, [2; 10]),
        amount: euros(1000),
        status: Status::Pending,
        gateway: Gateway::Sandbox,
        gateway_reference: "order_1".into(),
        gateway_payment_id: None,
        description: None,
        refundable: euros(0),
        refunded: euros(0),
        set_aside: Vec::new(),
        review_reason: None,
        failure: None,
        transaction_id: None,
        created_at: now,
        expires_at: now.plus_seconds(super::super::payment::EXPIRES_SECONDS),
        succeeded_at: None,
        updated_at: now,
        version: 1,
    }
}

fn said(n: u8, kind: Kind, gateway_id: &str, minor: i64) -> Fact {
    let at = Time::from_millis(NOW).plus_seconds(n.into());
    let money = Some(fact::Named { amount: minor, currency: "EUR".into() });
    let failure = Some(Failure { code: "declined".into(), message: "No".into() });
    Fact {
        id: Id::new(at, [n; 10]),
        gateway: Gateway::Sandbox,
        reference: "order_1".into(),
        kind,
        gateway_id: gateway_id.into(),
        money,
        mark: None,
        failure: failure.filter(|_| kind == Kind::PaymentFailed),
        at,
        digest: String::new(),
    }
}

fn asked(payment: &Payment, minor: i64) -> Refund {
    Refund {
        id: Id::new(payment.created_at, [7; 10]),
        payment: payment.id,
        user: payment.user,
        amount: euros(minor),
        status: refund::Status::Pending,
        reason: "changed my mind".into(),
        requested_by: payment.user.to_string(),
        created_at: payment.created_at,
        updated_at: payment.created_at,
        version: 1,
    }
}

/// What a store would keep, and what it would do at each step.
#[derive(Clone, Debug)]
struct Book {
    payment: Payment,
    refunds: Vec<Refund>,
    facts: Vec<Fact>,
    wallet: i64,
    suspense: i64,
    card: i64,
}

impl Book {
    fn new(payment: Payment, refunds: Vec<Refund>) -> Self {
        Book { payment, refunds, facts: Vec::new(), wallet: 0, suspense: 0, card: 0 }
    }

    fn hear(&mut self, fact: &Fact) {
        if !self.facts.iter().any(|known| known.id == fact.id) {
            self.facts.push(fact.clone());
        }
        for step in settle(&self.payment, &self.refunds, &self.facts) {
            self.apply(step);
        }
        let left = settle(&self.payment, &self.refunds, &self.facts);
        assert_eq!(left, [], "what was done is no step any more");
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Credit { gateway_payment_id } => {
                assert_ne!(self.payment.status, Status::Succeeded, "credited twice");
                self.wallet += self.payment.amount.minor();
                self.payment.gateway_payment_id = Some(gateway_payment_id);
                self.payment.status = Status::Succeeded;
            }
            Step::SetAside { fact, money, reason } => {
                self.suspense += money.map_or(0, Money::minor);
                self.payment.set_aside.push(fact);
                self.payment.review_reason = self.payment.review_reason.max(Some(reason));
            }
            Step::Climb { to, failure } => {
                assert!(to > self.payment.status);
                self.payment.status = to;
                self.payment.failure = failure;
            }
            Step::Refund { refund, input } => {
                let refund = self.refunds.iter_mut().find(|known| known.id == refund).unwrap();
                refund.status = refund.status.transition(input).unwrap();
                if refund.status == refund::Status::Succeeded {
                    (self.wallet, self.card) = (self.wallet - refund.amount.minor(), self.card + refund.amount.minor());
                }
            }
            Step::ForeignRefund { refund: id, money } => {
                (self.wallet, self.card) = (self.wallet - money.minor(), self.card + money.minor());
                let status = refund::Status::Succeeded;
                self.refunds.push(Refund { id, amount: money, status, ..asked(&self.payment, 0) });
            }
        }
    }

    fn end(&self) -> End {
        let mut refunds: Vec<_> = self.refunds.iter().map(|refund| (refund.id, refund.status)).collect();
        refunds.sort_by_key(|(id, _)| *id);
        let (status, reason) = (self.payment.status, self.payment.review_reason);
        End { status, reason, wallet: self.wallet, suspense: self.suspense, card: self.card, refunds }
    }
}

/// What must be alike in the end.
#[derive(Debug, PartialEq)]
struct End {
    status: Status,
    reason: Option<ReviewReason>,
    wallet: i64,
    suspense: i64,
    card: i64,
    refunds: Vec<(Id<id::Refund>, refund::Status)>,
}

/// Every order of `facts`.
fn orders(facts: &[Fact]) -> Vec<Vec<Fact>> {
    if facts.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for n in 0..facts.len() {
        let mut rest = facts.to_vec();
        let first = rest.remove(n);
        all.extend(orders(&rest).into_iter().map(|order| [vec![first.clone()], order].concat()));
    }
    all
}

#[test]
fn all_720_orders_of_six_facts_doubled_end_alike() {
    let payment = payment();
    let ours = asked(&payment, 300);
    let mark = Some(ours.id.to_string());
    let facts = [
        said(1, Kind::PaymentProcessing, "pay_1", 1000),
        said(2, Kind::PaymentFailed, "pay_1", 1000),
        said(3, Kind::PaymentCaptured, "pay_1", 1000),
        said(4, Kind::PaymentCaptured, "pay_2", 1000),
        Fact { mark, ..said(5, Kind::RefundSucceeded, "re_1", 300) },
        said(6, Kind::RefundSucceeded, "re_2", 200),
    ];
    let all = orders(&facts);
    assert_eq!(all.len(), 720);
    let mut ends = Vec::new();
    for order in all {
        let mut book = Book::new(payment.clone(), vec![ours.clone()]);
        for fact in order.iter().chain(order.iter().rev()) {
            book.hear(fact);
            book.hear(fact);
        }
        ends.push(book.end());
    }
    ends.dedup();
    let [end] = &ends[..] else { panic!("{ends:?}") };
    assert_eq!((end.status, end.wallet, end.suspense, end.card), (Status::Succeeded, 500, 1000, 500));
    assert_eq!((end.reason, end.refunds.len()), (Some(ReviewReason::Excess), 2));
}

#[test]
fn money_that_is_not_the_orders_is_set_aside() {
    let wrong = |money| Fact { money, ..said(1, Kind::PaymentCaptured, "pay_1", 0) };
    let named = |amount, currency: &str| Some(fact::Named { amount, currency: currency.into() });
    for (money, known, reason) in [
        (named(999, "EUR"), Some(euros(999)), ReviewReason::AmountMismatch),
        (named(1001, "EUR"), Some(euros(1001)), ReviewReason::AmountMismatch),
        (named(1000, "USD"), Money::new(1000, Currency::USD), ReviewReason::CurrencyMismatch),
        (named(1000, "CHF"), None, ReviewReason::CurrencyMismatch),
        (named(-1000, "EUR"), None, ReviewReason::CurrencyMismatch),
        (None, None, ReviewReason::CurrencyMismatch),
    ] {
        let fact = wrong(money);
        let steps = settle(&payment(), &[], std::slice::from_ref(&fact));
        assert_eq!(steps, [Step::SetAside { fact: fact.id, money: known, reason }]);
        let mut book = Book::new(payment(), Vec::new());
        book.hear(&fact);
        book.hear(&said(2, Kind::PaymentCaptured, "pay_2", 1000));
        assert_eq!((book.payment.status, book.wallet), (Status::Succeeded, 1000), "the right money still comes in");
    }
}

#[test]
fn the_ladder_is_climbed_and_late_money_is_credited() {
    let mut book = Book::new(payment(), Vec::new());
    let refund = said(9, Kind::RefundSucceeded, "re_1", 100);
    book.hear(&refund);
    assert_eq!((book.payment.status, book.card), (Status::Pending, 0), "a refund waits for its money");
    book.hear(&said(1, Kind::PaymentFailed, "pay_1", 1000));
    assert_eq!(book.payment.status, Status::Failed);
    assert_eq!(book.payment.failure.as_ref().map(|failure| failure.code.as_str()), Some("declined"));
    book.hear(&said(2, Kind::PaymentProcessing, "pay_1", 1000));
    assert_eq!(book.payment.status, Status::Failed, "never down");
    book.hear(&said(3, Kind::PaymentCancelled, "pay_1", 1000));
    assert_eq!((book.payment.status, book.payment.failure.clone()), (Status::Cancelled, None));
    book.payment.status = Status::Expired;
    book.hear(&said(4, Kind::PaymentCaptured, "pay_1", 1000));
    assert_eq!((book.payment.status, book.wallet, book.card), (Status::Succeeded, 900, 100));
}

#[test]
fn a_refund_follows_what_the_gateway_says_of_it() {
    let paid = Payment { status: Status::Succeeded, gateway_payment_id: Some("pay_1".into()), ..payment() };
    let ours = asked(&paid, 300);
    let about = |fact: Fact| Fact { mark: Some(ours.id.to_string()), ..fact };
    let mut book = Book::new(paid.clone(), vec![ours.clone()]);
    book.hear(&about(said(1, Kind::RefundTaken, "re_1", 300)));
    assert_eq!(book.refunds[0].status, refund::Status::Processing);
    book.hear(&about(said(2, Kind::RefundFailed, "re_1", 300)));
    book.hear(&about(said(1, Kind::RefundTaken, "re_1", 300)));
    assert_eq!((book.refunds[0].status, book.card), (refund::Status::Failed, 0));
    // Another amount than ours, or a mark that is none of this payment's refunds: staff look at it.
    for fact in [
        about(said(3, Kind::RefundSucceeded, "re_1", 301)),
        Fact {
            mark: Some(Id::<id::Refund>::new(paid.created_at, [8; 10]).to_string()),
            ..said(3, Kind::RefundTaken, "x", 1)
        },
    ] {
        let reason = ReviewReason::RefundMismatch;
        let expected = [Step::SetAside { fact: fact.id, money: None, reason }];
        assert_eq!(settle(&paid, std::slice::from_ref(&ours), std::slice::from_ref(&fact)), expected);
        let seen = Payment { set_aside: vec![fact.id], ..paid.clone() };
        assert_eq!(settle(&seen, std::slice::from_ref(&ours), &[fact]), []);
    }
    // What failed in the gateway's own console moved nothing.
    assert_eq!(settle(&paid, &[], &[said(4, Kind::RefundFailed, "re_9", 300)]), []);
}
