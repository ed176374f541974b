//! What must be true of a book at every look. It is read as it lies in the table, by nothing that wrote it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use super::book::Book;

type Item = HashMap<String, AttributeValue>;
/// Minor units by owner and currency.
type Sums = BTreeMap<(String, String), i64>;

/// What lies in the table.
#[derive(Default)]
struct Found {
    /// By account and currency, from the legs of the journal.
    journal: Sums,
    /// By user and currency.
    lines: Sums,
    totals: Sums,
    held: Sums,
    open_holds: Sums,
    /// By transaction and currency.
    legs: Sums,
    entries: usize,
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

fn integer(value: &AttributeValue) -> i64 {
    value.as_n().unwrap().parse().unwrap()
}

fn money(item: &Item, name: &str) -> (i64, String) {
    let money = item[name].as_m().unwrap();
    (integer(&money["amount"]), money["currency"].as_s().unwrap().clone())
}

fn add(sums: &mut Sums, whose: &str, currency: &str, amount: i64) {
    *sums.entry((whose.to_owned(), currency.to_owned())).or_default() += amount;
}

impl Found {
    fn see(&mut self, item: &Item) {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        if pk.starts_with("JRN#") {
            self.entries += 1;
            for leg in item["legs"].as_l().unwrap() {
                let parts: Vec<&str> = leg.as_s().unwrap().split(' ').collect();
                let [account, amount, currency] = parts[..] else { panic!("{leg:?}") };
                let amount = amount.parse().unwrap();
                add(&mut self.journal, account, currency, amount);
                add(&mut self.legs, sk, currency, amount);
            }
        }
        let Some(user) = pk.strip_prefix("WAL#") else { return };
        match sk.split('#').next().unwrap() {
            "B" => self.see_balance(user, item),
            "L" => add(&mut self.lines, user, text(item, "currency"), integer(&item["amount"])),
            "H" if text(item, "status") == "active" => {
                let ((amount, currency), gone) =
                    (money(item, "amount"), money(item, "captured").0 + money(item, "released").0);
                assert!(gone < amount, "an active hold holds something: {sk}");
                add(&mut self.open_holds, user, &currency, amount - gone);
            }
            _ => {}
        }
    }

    fn see_balance(&mut self, user: &str, item: &Item) {
        for (name, value) in item.iter().filter(|(name, _)| name.contains('.')) {
            let (currency, part) = name.split_once('.').unwrap();
            let amount = integer(value);
            assert!(amount >= 0, "I4: {user} has {name} = {amount}");
            match part {
                "t" => add(&mut self.totals, user, currency, amount),
                "h" => add(&mut self.held, user, currency, amount),
                _ => {}
            }
            if part == "a" {
                let of = |part: &str| item.get(&format!("{currency}.{part}")).map_or(0, integer);
                assert_eq!(of("t"), amount + of("h") + of("p"), "the total of {user} in {currency}");
            }
        }
    }
}

/// Without what is nothing.
fn real(sums: &Sums) -> Sums {
    sums.iter().filter(|(_, amount)| **amount != 0).map(|(whose, amount)| (whose.clone(), *amount)).collect()
}

impl Book {
    /// I1 to I4; how many entries the journal has.
    pub async fn check(&self) -> usize {
        let mut found = Found::default();
        let mut pages = self
            .sandbox
            .dynamodb()
            .scan()
            .table_name("souk-local-core")
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pages.next().await {
            found.see(&item.unwrap());
        }
        assert_eq!(real(&found.legs), Sums::new(), "I1: legs sum to zero");
        let mut wallets = Sums::new();
        let mut all: BTreeMap<&str, i64> = BTreeMap::new();
        for ((account, currency), amount) in &found.journal {
            *all.entry(currency).or_default() += amount;
            if let Some(user) = account.strip_prefix("wallet:").or(account.strip_prefix("held:")) {
                add(&mut wallets, user, currency, *amount);
            }
        }
        assert!(all.values().all(|sum| *sum == 0), "I2: all accounts sum to zero: {all:?}");
        assert_eq!(real(&found.totals), real(&found.lines), "I3: balances are the sums of lines");
        assert_eq!(real(&found.totals), real(&wallets), "I3: balances are the sums of the journal");
        assert_eq!(real(&found.held), real(&found.open_holds), "I3: what is held is the sum of what is open");
        found.entries
    }
}
