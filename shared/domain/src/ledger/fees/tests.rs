use proptest::prelude::*;

use super::*;
use crate::ledger::money::MAX_MINOR;

fn rule(code: &str) -> FeeRule {
    first_rows().into_iter().find(|rule| rule.code == code).unwrap()
}

fn quoted(rule: &FeeRule, minor: i64, currency: Currency, before: i64) -> (i64, Vec<i64>) {
    let money = |minor| Money::new(minor, currency).unwrap();
    let quote = rule.quote(money(minor), money(before)).unwrap();
    (quote.fee.minor(), quote.parts.iter().map(|part| part.amount.minor()).collect())
}

#[test]
fn the_first_rows_price_as_their_chapters_say() {
    assert_eq!(quoted(&rule("withdrawal"), 100_000, Currency::INR, 0), (1000, vec![99_000, 1000]));
    assert_eq!(quoted(&rule("withdrawal"), 99, Currency::EUR, 0), (0, vec![99, 0]));
    assert_eq!(quoted(&rule("topup"), 5000, Currency::EUR, 0), (0, vec![5000, 0]));
    assert_eq!(quoted(&rule("swap"), 10_000, Currency::USDC, 0), (50, vec![9950, 50]));
    assert_eq!(quoted(&rule("energy_sale"), 101, Currency::INR, 0), (20, vec![46, 35, 20]));
    assert_eq!(quoted(&rule("plugin_sale"), 999, Currency::EUR, 0), (149, vec![850, 149]));
    assert_eq!(quoted(&rule("plugin_sale"), 1, Currency::EUR, 0), (0, vec![1, 0]));
    assert_eq!(quoted(&rule("compute_revenue"), 3, Currency::USD, 0), (1, vec![2, 1]));
    for (minor, before, fee) in [
        (100_000, 0, 15_000),
        (25_000, 0, 5000),
        (75_000, 25_000, 10_000),
        (1_234_567, 100_000, 106_728),
        (1, 2_000_000, 0),
    ] {
        assert_eq!(quoted(&rule("talent"), minor, Currency::USD, before), (fee, vec![minor - fee, fee]), "{minor}");
    }
    let yen = Money::new(5, Currency::JPY).unwrap();
    assert_eq!(rule("talent").quote(yen, Money::zero(Currency::JPY)), Err(Malformed::NoShares));
    for row in first_rows() {
        if let Shape::Split { parts } = &row.shape {
            assert_eq!(parts.iter().map(|share| share.bps).sum::<u32>(), WHOLE_BPS, "{}", row.code);
        }
    }
}

#[test]
fn a_flat_fee_keeps_within_its_bounds_and_the_amount() {
    let of = |minor| BTreeMap::from([(Currency::EUR, minor)]);
    let shape = Shape::Flat { bps: 100, fixed: of(20), min: of(50), max: of(500) };
    let rule = FeeRule { shape, ..rule("withdrawal") };
    for (minor, fee) in [(1, 1), (49, 49), (1000, 50), (10_000, 120), (100_000, 500), (MAX_MINOR, 500)] {
        assert_eq!(quoted(&rule, minor, Currency::EUR, 0).0, fee, "{minor}");
    }
    assert_eq!(quoted(&rule, 10_000, Currency::USD, 0).0, 100, "no figures for dollars but the rate");
}

#[test]
fn the_rule_of_a_moment_is_the_newest_that_is_valid_by_then() {
    let at = Time::from_millis;
    let rules: Vec<FeeRule> = [(1, 0), (2, 100), (3, 50)]
        .map(|(version, from)| FeeRule { version, valid_from: at(from), ..rule("topup") })
        .into();
    let version = |millis| FeeRule::valid_at(&rules, at(millis)).map(|rule| rule.version);
    assert_eq!(
        (version(0), version(49), version(50), version(99), version(100)),
        (Some(1), Some(1), Some(3), Some(3), Some(2))
    );
    assert_eq!(FeeRule::valid_at(&rules[1..2], at(99)), None);
    let text = serde_json::to_string(&rule("talent")).unwrap();
    assert_eq!(serde_json::from_str::<FeeRule>(&text).unwrap(), rule("talent"));
}

proptest! {
    #[test]
    fn parts_sum_to_the_whole(minor in 0..=MAX_MINOR / 2, before in 0..=MAX_MINOR / 2) {
        for rule in first_rows() {
            let money = |minor| Money::new(minor, Currency::EUR).unwrap();
            let quote = rule.quote(money(minor), money(before)).unwrap();
            prop_assert_eq!(quote.parts.iter().map(|part| part.amount.minor()).sum::<i64>(), minor);
            prop_assert_eq!(quote.fee.checked_add(quote.net), Some(quote.amount));
        }
    }

    #[test]
    fn pieces_cost_what_the_whole_costs(pieces in prop::collection::vec(1..=3_000_000i64, 1..20), before in 0..2_000_000i64) {
        let rule = rule("talent");
        let mut total = before;
        let mut fees = 0;
        for piece in &pieces {
            fees += quoted(&rule, *piece, Currency::EUR, total).0;
            total += piece;
        }
        prop_assert_eq!(fees, quoted(&rule, total - before, Currency::EUR, before).0);
    }
}
