//! Chance that follows from the seed: number n under a label is a hash of (seed, label, n), so that what one suite draws
//! does not depend on what another has drawn.

use sha2::{Digest as _, Sha256};

/// The numbers under one label.
#[derive(Debug, Clone)]
pub struct Draw {
    seed: u64,
    label: String,
    n: u64,
}

impl Draw {
    pub fn new(seed: u64, label: impl Into<String>) -> Self {
        Draw { seed, label: label.into(), n: 0 }
    }

    /// Up to 32 bytes of the next number.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= 32) };
        let hash = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(&self.label)
            .chain_update([0])
            .chain_update(self.n.to_be_bytes())
            .finalize();
        self.n += 1;
        std::array::from_fn(|i| hash[i])
    }

    /// The next number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let number = u64::from_be_bytes(self.bytes());
        usize::try_from(number.checked_rem(end as u64).unwrap_or(0)).unwrap_or(0)
    }

    /// The next share: 0 to below 1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits of chance are enough")]
    pub fn share(&mut self) -> f64 {
        (u64::from_be_bytes(self.bytes()) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of several, by weight. Nothing of nothing.
    pub fn weighted<T: Copy>(&mut self, choices: &[(usize, T)]) -> Option<T> {
        let mut left = self.below(choices.iter().map(|(weight, _)| weight).sum());
        let hit = choices.iter().find(|(weight, _)| {
            let hit = left < *weight;
            left = left.saturating_sub(*weight);
            hit
        });
        hit.map(|(_, choice)| *choice)
    }

    /// Brings items into an order of chance (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_label_draw_the_same_and_others_do_not() {
        let first = |seed, label: &str| Draw::new(seed, label).bytes::<16>();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(2, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_moves_most() {
        let mut items: Vec<usize> = (0..1000).collect();
        Draw::new(1, "shuffle").shuffle(&mut items);
        assert!(items.iter().enumerate().filter(|(place, item)| place == *item).count() < 20);
        items.sort_unstable();
        assert!(items.into_iter().eq(0..1000));
    }

    #[test]
    fn weights_and_shares_are_kept() {
        let mut draw = Draw::new(1, "weights");
        let heavy = (0..10_000).filter(|_| draw.weighted(&[(9, true), (1, false)]) == Some(true)).count();
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
        assert!((0..1000).all(|_| (0.0..1.0).contains(&draw.share())));
        assert_eq!(draw.weighted::<u8>(&[]), None);
    }
}
