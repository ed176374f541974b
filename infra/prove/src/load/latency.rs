//! Latencies, every one of them kept: percentiles are exact.

use std::time::Duration;

/// Latencies in order.
#[derive(Debug, Clone, Default)]
pub struct Latencies(Vec<Duration>);

/// Widths of the bars of a histogram, in characters.
const WIDEST: usize = 50;

impl Latencies {
    pub fn of(latencies: impl Iterator<Item = Duration>) -> Self {
        let mut sorted: Vec<Duration> = latencies.collect();
        sorted.sort_unstable();
        Latencies(sorted)
    }

    /// The smallest latency that so many per thousand do not exceed; zero of nothing.
    pub fn per_mille(&self, share: usize) -> Duration {
        let rank = (self.0.len() * share).div_ceil(1000).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    pub fn p99(&self) -> Duration {
        self.per_mille(990)
    }

    /// `p50 2.1, p90 4.0, p99 8.5, p99.9 12.0, max 31.2 ms`.
    pub fn summary(&self) -> String {
        let at = |share| milliseconds(self.per_mille(share));
        format!(
            "p50 {:.1}, p90 {:.1}, p99 {:.1}, p99.9 {:.1}, max {:.1} ms",
            at(500),
            at(900),
            at(990),
            at(999),
            at(1000)
        )
    }

    /// A line for each power of two of milliseconds that has any.
    pub fn histogram(&self) -> Vec<String> {
        let mut counts: Vec<(u128, usize)> = Vec::new();
        for latency in &self.0 {
            let end = latency.as_millis().saturating_add(1).next_power_of_two();
            match counts.last_mut() {
                Some((last, count)) if *last == end => *count += 1,
                _ => counts.push((end, 1)),
            }
        }
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1);
        let line = |(end, count): &(u128, usize)| {
            let bar = "#".repeat((count * WIDEST).div_ceil(most));
            format!("{:>9} {count:>7} {bar}", format!("< {end} ms"))
        };
        counts.iter().map(line).collect()
    }
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_millis(millis: impl Iterator<Item = u64>) -> Latencies {
        Latencies::of(millis.map(Duration::from_millis))
    }

    #[test]
    fn percentiles_are_exact() {
        let latencies = of_millis((1..=1000).rev());
        for (share, millis) in [(1, 1), (500, 500), (990, 990), (999, 999), (1000, 1000)] {
            assert_eq!(latencies.per_mille(share), Duration::from_millis(millis));
        }
        assert_eq!(of_millis([7].into_iter()).p99(), Duration::from_millis(7));
        assert_eq!(of_millis(std::iter::empty()).p99(), Duration::ZERO);
    }

    #[test]
    fn a_histogram_shows_each_latency_once() {
        let lines = of_millis([0, 0, 1, 3, 3, 3, 100].into_iter()).histogram();
        let shown: Vec<Vec<&str>> = lines.iter().map(|line| line.split_whitespace().collect()).collect();
        let counts: Vec<(&str, &str)> = shown.iter().map(|words| (words[1], words[3])).collect();
        assert_eq!(counts, [("1", "2"), ("2", "1"), ("4", "3"), ("128", "1")]);
    }
}
