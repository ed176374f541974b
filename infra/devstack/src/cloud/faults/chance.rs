//! Faults by chance: the same seed does the same again.

use super::super::call::Service;
use super::catalogue;
use super::fault::{Address, Fault, Kind};
use sha2::{Digest as _, Sha256};

/// How faults are strewn.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    pub seed: u64,
    /// The share of calls that something happens to, 0 to 1.
    pub rate: f64,
    /// The services that it happens to; all when empty.
    pub services: Vec<Service>,
    /// What may happen, each by its weight; all kinds when empty. Killing needs functions that are processes.
    pub kinds: Vec<Kind>,
}

impl Chance {
    /// All kinds of faults in all services.
    pub fn new(seed: u64, rate: f64) -> Chance {
        Chance { seed, rate, services: Vec::new(), kinds: Vec::new() }
    }

    /// The same without these kinds.
    pub fn without(mut self, kinds: &[Kind]) -> Chance {
        let left = Kind::ALL.into_iter().filter(|kind| self.allows(*kind) && !kinds.contains(kind));
        self.kinds = left.collect();
        self
    }

    /// What happens to one call. A pure function of the seed, the call's stream and its number there.
    pub(super) fn decide(&self, at: &Address) -> Option<Fault> {
        if !self.services.is_empty() && !self.services.contains(&at.service) {
            return None;
        }
        let [whether, kind, detail] = draws(self.seed, at);
        if share(whether) >= self.rate {
            return None;
        }
        let kind = self.kind(kind)?;
        Some(fault(kind, at, detail))
    }

    fn allows(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    fn kind(&self, draw: u64) -> Option<Kind> {
        let allowed = || Kind::ALL.into_iter().filter(|kind| self.allows(*kind));
        let total: u64 = allowed().map(weight).sum();
        let mut left = draw.checked_rem(total)?;
        allowed().find(|kind| {
            let weight = weight(*kind);
            let hit = left < weight;
            left = left.saturating_sub(weight);
            hit
        })
    }
}

/// How often each kind happens beside the others, of 100. What costs a caller seconds is rare, or nothing else would be
/// seen in a run.
fn weight(kind: Kind) -> u64 {
    match kind {
        Kind::Refuse => 34,
        Kind::Status => 12,
        Kind::Lose => 16,
        Kind::Duplicate => 14,
        Kind::Truncate => 8,
        Kind::Garble => 6,
        Kind::Delay => 4,
        Kind::KillBefore | Kind::KillAfter => 3,
    }
}

fn fault(kind: Kind, at: &Address, detail: u64) -> Fault {
    match kind {
        Kind::Refuse => {
            let refusals = catalogue::refusals(at.service, &at.operation);
            match pick(&refusals, detail) {
                Some(refusal) => Fault::Refuse(refusal.clone()),
                None => Fault::Status(503),
            }
        }
        Kind::Status => Fault::Status(if detail.is_multiple_of(2) { 500 } else { 503 }),
        Kind::Lose => Fault::Lose,
        Kind::Duplicate => Fault::Duplicate,
        Kind::Delay => Fault::Delay(catalogue::beyond_timeout(at.service)),
        Kind::Truncate => Fault::Truncate,
        Kind::Garble if catalogue::may_garble(at.service, &at.operation) => Fault::Garble,
        Kind::Garble => Fault::Truncate,
        Kind::KillBefore => Fault::KillBefore,
        Kind::KillAfter => Fault::KillAfter,
    }
}

fn pick<T>(choices: &[T], draw: u64) -> Option<&T> {
    let index = draw.checked_rem(choices.len() as u64)?;
    choices.get(usize::try_from(index).ok()?)
}

/// Three independent numbers for one call.
pub(super) fn draws(seed: u64, at: &Address) -> [u64; 3] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in [at.function.as_str(), at.service.name(), at.operation.as_str()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(at.n.to_be_bytes());
    numbers(&hash.finalize())
}

/// The first three numbers in a hash.
pub(super) fn numbers(hash: &[u8]) -> [u64; 3] {
    let mut numbers = [0; 3];
    for (number, bytes) in numbers.iter_mut().zip(hash.chunks_exact(8)) {
        *number = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    numbers
}

/// A number as a share of all: 0 to below 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits of chance are enough")]
pub(super) fn share(draw: u64) -> f64 {
    (draw >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "counts of a test")]
mod tests {
    use super::*;

    fn at(operation: &str, n: u64) -> Address {
        Address { function: "auth".to_owned(), service: Service::DynamoDb, operation: operation.to_owned(), n }
    }

    fn decisions(chance: &Chance, operation: &str) -> Vec<Option<Fault>> {
        (0..10_000).map(|n| chance.decide(&at(operation, n))).collect()
    }

    #[test]
    fn the_same_seed_decides_the_same_and_another_one_otherwise() {
        let seven = decisions(&Chance::new(7, 0.1), "PutItem");
        assert_eq!(seven, decisions(&Chance::new(7, 0.1), "PutItem"));
        assert_ne!(seven, decisions(&Chance::new(8, 0.1), "PutItem"));
        assert_ne!(seven, decisions(&Chance::new(7, 0.1), "GetItem"));
    }

    #[test]
    fn the_rate_holds() {
        for rate in [0.0, 0.01, 0.1, 0.5, 1.0] {
            let faults = decisions(&Chance::new(42, rate), "PutItem").into_iter().flatten().count();
            let expected = 10_000.0 * rate;
            // Five standard deviations.
            let tolerance = 5.0 * (expected * (1.0 - rate)).sqrt();
            assert!((faults as f64 - expected).abs() <= tolerance, "{faults} of {expected}");
        }
    }

    #[test]
    fn kinds_happen_by_their_weights() {
        let faults = decisions(&Chance::new(42, 1.0), "PutItem");
        for kind in Kind::ALL {
            let count = faults.iter().flatten().filter(|fault| fault.kind() == kind).count();
            let expected = weight(kind) as f64 * 100.0;
            assert!((count as f64 - expected).abs() <= 5.0 * expected.sqrt(), "{kind:?}: {count} of {expected}");
        }
        assert_eq!(Kind::ALL.map(weight).iter().sum::<u64>(), 100);
        let only = Chance::new(42, 1.0).without(&[Kind::KillBefore, Kind::KillAfter]);
        let killing = |fault: &Fault| matches!(fault, Fault::KillBefore | Fault::KillAfter);
        assert!(!decisions(&only, "PutItem").iter().flatten().any(killing));
    }

    #[test]
    fn chance_never_tells_a_lie() {
        for fault in decisions(&Chance::new(42, 1.0), "TransactWriteItems").into_iter().flatten() {
            assert!(catalogue::faults(Service::DynamoDb, "TransactWriteItems").contains(&fault), "{fault}");
        }
    }
}
