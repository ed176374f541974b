use super::*;
use crate::ledger::hold::Status;
use crate::ledger::{Counterparty, CounterpartyKind, Gateway};

const SALE: Kind = Kind::new("plugin.sale");

fn user(n: u8) -> Id<User> {
    Id::new(Time::from_millis(0), [n; 10])
}

fn wallet(n: u8) -> Account {
    Account::Wallet(user(n))
}

fn money(minor: i64) -> Money {
    Money::new(minor, Currency::EUR).unwrap()
}

fn leg(account: Account, amount: i64) -> Leg {
    Leg { account, amount, currency: Currency::EUR }
}

fn txn() -> Id<id::Transaction> {
    Id::new(Time::from_millis(1_795_168_800_000), [5; 10])
}

#[test]
fn what_breaks_a_rule_of_the_book_is_no_posting() {
    let refused = |legs: &[Leg]| Posting::of(SALE, legs).unwrap_err();
    assert_eq!(refused(&[]), Malformed::NothingMoves);
    assert_eq!(refused(&[leg(wallet(1), 0), leg(wallet(2), 0)]), Malformed::NothingMoves);
    assert_eq!(refused(&[leg(wallet(1), -5), leg(wallet(1), 5)]), Malformed::NothingMoves);
    assert_eq!(refused(&[leg(wallet(1), -5), leg(wallet(2), 4)]), Malformed::Unbalanced);
    let other = Leg { currency: Currency::USD, ..leg(wallet(2), 5) };
    assert_eq!(refused(&[leg(wallet(1), -5), other]), Malformed::Unbalanced);
    assert_eq!(refused(&[leg(wallet(1), -MAX_MINOR - 1), leg(wallet(2), MAX_MINOR + 1)]), Malformed::TooMuch);
    assert_eq!(refused(&[leg(wallet(1), i64::MIN), leg(wallet(1), -1)]), Malformed::TooMuch);
    let many = |n: u8| -> Vec<Leg> {
        let each = (1..=n).map(|n| leg(wallet(n), 1));
        each.chain([leg(Account::System(System::Bank), -i64::from(n))]).collect()
    };
    assert!(Posting::of(SALE, &many(10)).is_ok());
    assert_eq!(refused(&many(11)), Malformed::TooManyParties);
    assert_eq!(refused(&many(24)), Malformed::TooManyLegs);
    assert_eq!(Posting::split(SALE, wallet(1), &[]), Err(Malformed::NothingMoves));
    assert_eq!(Posting::transfer(SALE, wallet(1), wallet(2), money(0)), Err(Malformed::NothingMoves));
    assert_eq!(Posting::transfer(SALE, wallet(1), wallet(1), money(5)), Err(Malformed::NothingMoves));
    let full = [(wallet(2), money(MAX_MINOR)), (wallet(3), money(1))];
    assert_eq!(Posting::split(SALE, wallet(1), &full), Err(Malformed::TooMuch));
    let mixed = [(wallet(2), money(1)), (wallet(3), Money::zero(Currency::USD))];
    assert_eq!(Posting::split(SALE, wallet(1), &mixed), Err(Malformed::MixedCurrencies));
}

#[test]
fn s3_every_party_has_a_line() {
    let parts = [(wallet(2), money(850)), (Account::System(System::PluginsFees), money(149))];
    let posting = Posting::split(SALE, wallet(1), &parts).unwrap();
    let posting = posting.because("buy:1".into(), Some(&"x".repeat(200)), Some(Reference::new("plugin", "p")));
    assert_eq!(posting.entry(txn()).legs.iter().map(|leg| leg.amount).collect::<Vec<_>>(), [-999, 850, 149]);
    let lines = posting.lines(txn());
    assert_eq!(
        lines.iter().map(|line| (line.user, line.amount)).collect::<Vec<_>>(),
        [(user(1), -999), (user(2), 850)]
    );
    assert_eq!(lines[0].counterparty.user_id, Some(user(2)));
    assert_eq!(lines[1].counterparty.user_id, Some(user(1)));
    assert_eq!(lines[0].description.as_ref().map(|text| text.len()), Some(MAX_DESCRIPTION));
    assert_eq!(lines[0].booked_at(), txn().time());
}

#[test]
fn s3_withdrawal_fee_booked() {
    let parts = [(Account::System(System::Bank), money(990)), (Account::System(System::WalletFees), money(10))];
    let posting = Posting::split(Kind::WITHDRAWAL, Account::Held(user(1)), &parts).unwrap();
    let lines = posting.charging(user(1), money(10)).lines(txn());
    assert_eq!((lines.len(), lines[0].amount, lines[0].fee), (1, -1000, 10));
    let bank = Counterparty { kind: CounterpartyKind::Bank, user_id: None, label: "bank".into() };
    assert_eq!(lines[0].counterparty, bank);
    let topup = Account::System(System::Gateway(Gateway::Stripe));
    let lines = Posting::transfer(Kind::TOPUP, topup, wallet(1), money(5)).unwrap().lines(txn());
    assert_eq!((lines[0].counterparty.label.as_str(), lines[0].fee), ("stripe", 0));
}

#[test]
fn a_capture_takes_from_what_is_held_and_frees_the_rest_when_told() {
    let now = Time::from_millis(0);
    let hold = Hold::begin(Id::new(now, [9; 10]), user(1), money(100), Reference::new("x", 1), None, now).unwrap();
    let capture = |parts: &[(Account, Money)], rest| Posting::capture(SALE, &hold, parts, rest, now);
    let kept = capture(&[(wallet(2), money(60))], Rest::Keep).unwrap();
    let effect = |user, available, held| Effect { user, currency: Currency::EUR, available, held, owed: 0 };
    assert_eq!(kept.effects(), [effect(user(1), 0, -60), effect(user(2), 60, 0)]);
    let freed = capture(&[(wallet(2), money(60))], Rest::Free).unwrap();
    assert_eq!(freed.effects(), [effect(user(1), 40, -100), effect(user(2), 60, 0)]);
    assert_eq!(freed.lines(txn())[0].amount, -60);
    let (before, after) = freed.capture_of().unwrap();
    assert_eq!((before.step, after.step, after.status), (0, 1, Status::Captured));
    assert_eq!(capture(&[(wallet(2), money(101))], Rest::Keep), Err(LedgerError::HoldExceeded));
    let dollars = Money::new(1, Currency::USD).unwrap();
    assert_eq!(capture(&[(wallet(2), dollars)], Rest::Keep), Err(Malformed::MixedCurrencies.into()));
    // Who is paid out of their own hold sees what really changed.
    let own = capture(&[(wallet(1), money(35)), (wallet(2), money(65))], Rest::Keep).unwrap();
    assert_eq!(own.effects()[0], effect(user(1), 35, -100));
    assert_eq!(own.lines(txn())[0].amount, -65);
}

#[test]
fn who_cannot_give_back_owes_what_we_advance() {
    let parts = [(wallet(2), money(85)), (wallet(3), money(15))];
    let sale = Posting::split(SALE, wallet(1), &parts).unwrap();
    let original = Original::of(&sale.entry(txn()));
    let back = Posting::reverse(&original, money(100), Shortfall::Cover).unwrap();
    assert!(back.gives_back());
    let covered = back.clone().covered(user(2), money(80)).unwrap().covered(user(3), money(15)).unwrap();
    assert_eq!(covered.legs().iter().map(|leg| leg.amount).sum::<i64>(), 0);
    let receivable = |leg: &&Leg| leg.account == Account::System(System::Receivables);
    assert_eq!(covered.legs().iter().find(receivable).unwrap().amount, -95);
    let seen: Vec<_> = covered.effects().iter().map(|effect| (effect.user, effect.available, effect.owed)).collect();
    assert_eq!(seen, [(user(1), 100, 0), (user(2), -5, 80), (user(3), 0, 15)]);
    assert_eq!(covered.lines(txn()).len(), 2);
    assert_eq!(covered.entry(txn()).reversal_of, Some(txn()));
    assert_eq!(back.clone().covered(user(2), money(86)), Err(Malformed::Unbalanced));
    assert_eq!(back.covered(user(4), money(1)), Err(Malformed::Unbalanced));
}
