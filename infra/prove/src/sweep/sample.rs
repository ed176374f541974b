//! Which cases are run, and in which order; both follow from the seed.

use std::collections::BTreeMap;

use devstack::cloud::faults::{Address, CancellationCode, Cancelled, Fault, Faults, Refusal};
use sha2::{Digest, Sha256};

use super::case::Case;

/// Of the faults of a call that are left to chance, so many are in the short form.
const BY_CHANCE: usize = 1;

/// Every fault at every call.
pub fn cases(flow: &str, calls: &[Address]) -> Vec<Case> {
    let of = |at: &Address| {
        let faults = Faults::of(at.service, &at.operation).into_iter();
        faults.map(|fault| Case { flow: flow.to_owned(), at: at.clone(), fault }).collect::<Vec<_>>()
    };
    calls.iter().flat_map(of).collect()
}

/// Of each call some faults by chance, and of each write those that find most.
pub fn short(seed: u64, cases: Vec<Case>) -> Vec<Case> {
    let mut by_call: BTreeMap<Address, Vec<Case>> = BTreeMap::new();
    for case in cases {
        by_call.entry(case.at.clone()).or_default().push(case);
    }
    let of_call = |cases: Vec<Case>| {
        let (telling, other): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(finds_most);
        let other = mixed(seed, other).into_iter().take(BY_CHANCE);
        telling.into_iter().chain(other).collect::<Vec<_>>()
    };
    by_call.into_values().flat_map(of_call).collect()
}

/// The same cases in an order of chance, so that neither kinds nor flows stand in line.
pub fn mixed(seed: u64, mut cases: Vec<Case>) -> Vec<Case> {
    cases.sort_by_cached_key(|case| Sha256::digest(format!("{seed}/{case}")).to_vec());
    cases
}

/// At a write: what leaves open whether it was done, and the conflict that only busy tables have.
fn finds_most(case: &Case) -> bool {
    let conflict = CancellationCode::TransactionConflict;
    case.writes()
        && match &case.fault {
            Fault::Lose | Fault::KillAfter => true,
            Fault::Refuse(Refusal { reasons: Some(Cancelled { code, item: 0 }), .. }) => *code == conflict,
            _ => false,
        }
}
