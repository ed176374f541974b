//! Lists come in pages: a limit, and an opaque cursor for what follows.

/// How many entries a page may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The most entries of one page.
    pub const MAX: u8 = 100;
    /// One entry.
    pub const ONE: Limit = Limit(1);

    /// 1..=100; anything else is refused, never corrected.
    pub fn new(limit: i64) -> Option<Self> {
        u8::try_from(limit).ok().filter(|n| (1..=Self::MAX).contains(n)).map(Limit)
    }

    /// The number of entries.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Limit(20)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_outside_1_to_100_are_refused() {
        for wrong in [-1, 0, 101, 256, 257, i64::MAX] {
            assert_eq!(Limit::new(wrong), None, "{wrong}");
        }
        assert_eq!(Limit::new(1).map(Limit::get), Some(1));
        assert_eq!(Limit::new(100).map(Limit::get), Some(100));
    }
}
