//! Which cases are run, and in which order; both follow from the seed.

use std::collections::BTreeMap;

use devstack::cloud::faults::{Address, Fault, Faults};
use sha2::{Digest, Sha256};

use super::case::Case;

/// Every fault at every call.
pub fn cases(flow: &str, calls: &[Address]) -> Vec<Case> {
    let of = |at: &Address| {
        let faults = Faults::of(at.service, &at.operation).into_iter();
        faults.map(|fault| Case { flow: flow.to_owned(), at: at.clone(), fault }).collect::<Vec<_>>()
    };
    calls.iter().flat_map(of).collect()
}

/// Of each call one fault by chance; of each write besides a lost answer, which leaves open whether it was done.
pub fn short(seed: u64, cases: Vec<Case>) -> Vec<Case> {
    let mut by_call: BTreeMap<Address, Vec<Case>> = BTreeMap::new();
    for case in cases {
        by_call.entry(case.at.clone()).or_default().push(case);
    }
    let of_call = |cases: Vec<Case>| {
        let is_open = |case: &Case| case.writes() && case.fault == Fault::Lose;
        let (open, other): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(is_open);
        open.into_iter().chain(mixed(seed, other).into_iter().take(1)).collect::<Vec<_>>()
    };
    by_call.into_values().flat_map(of_call).collect()
}

/// The same cases in an order of chance, so that neither kinds nor flows stand in line.
pub fn mixed(seed: u64, mut cases: Vec<Case>) -> Vec<Case> {
    cases.sort_by_cached_key(|case| Sha256::digest(format!("{seed}/{case}")).to_vec());
    cases
}
