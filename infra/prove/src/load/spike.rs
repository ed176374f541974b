//! Ten times as much for five seconds: what is answered meanwhile, and how long until it is as before.

use std::time::Duration;

use super::arrivals::{Caller, Sample, drive, failures, latencies};
use super::latency::Latencies;
use super::mix::Kind;
use super::{Load, P99_MAX, words};
use crate::finding::Finding;

/// The time before the spike.
const BEFORE: Duration = Duration::from_secs(5);
/// So many seconds in a row are to be fast.
const STEADY_SECONDS: usize = 3;
/// By then it is to be as before.
const BACK_WITHIN: Duration = Duration::from_secs(30);

pub async fn run(load: &Load<'_>) -> Finding {
    let (factor, lasting) = load.size.spike;
    let usual = load.size.steady;
    let spike = usual.times(factor).lasting(lasting);
    let offers = [usual.lasting(BEFORE), spike, usual.lasting(load.size.after_spike)];
    let samples = drive(&load.client, &load.people, load.draw("spike"), &offers, Caller::Once).await;
    let begins = BEFORE.as_secs_f64();
    let ends = BEFORE + lasting;
    let inside: Vec<Sample> = between(&samples, begins, ends.as_secs_f64()).cloned().collect();
    let served = inside.iter().filter(|sample| sample.failure.is_none()).count();
    let broken = samples.iter().filter(|sample| matches!(sample.status, 0 | 500..=502 | 504..)).count();
    let back = back_after(&samples, ends, load.size.after_spike);
    let words_of_back = match back {
        Some(back) => format!("p99 is below {} ms again {} s after its end", P99_MAX.as_millis(), back.as_secs()),
        None => format!("p99 is not below {} ms again", P99_MAX.as_millis()),
    };
    let measured = format!(
        "{served} of {} served, the others told to come again; reads {}; {words_of_back}",
        inside.len(),
        latencies(&inside, Kind::Read).summary()
    );
    let goal = format!("each answered or told 503 to come again; as before within {} s", BACK_WITHIN.as_secs());
    let holds = broken == 0 && (load.setting.short || back.is_some_and(|back| back <= BACK_WITHIN));
    Finding::new(format!("a spike of {}", words(spike)), goal, measured, holds).with(failures(&samples))
}

/// How long after `ends` all requests are fast again, for some seconds in a row.
fn back_after(samples: &[Sample], ends: Duration, watched: Duration) -> Option<Duration> {
    let is_fast = |second: u64| {
        let from = ends.as_secs_f64() + second as f64;
        let taken = between(samples, from, from + 1.0).map(|sample| sample.took);
        Latencies::of(taken).p99() < P99_MAX
    };
    let fast: Vec<bool> = (0..watched.as_secs()).map(is_fast).collect();
    let first = fast.windows(STEADY_SECONDS).position(|seconds| seconds.iter().all(|fast| *fast))?;
    Some(Duration::from_secs(first as u64))
}

fn between(samples: &[Sample], from: f64, until: f64) -> impl Iterator<Item = &Sample> {
    samples.iter().filter(move |sample| (from..until).contains(&sample.intended.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at_ms: u64, took_ms: u64) -> Sample {
        let (intended, took) = (Duration::from_millis(at_ms), Duration::from_millis(took_ms));
        Sample { kind: Kind::Read, intended, took, status: 200, failure: None, attempts: 1 }
    }

    #[test]
    fn it_is_back_once_three_seconds_in_a_row_are_fast() {
        // The spike ends at 1 s; seconds 1 to 3 are slow, but for the second one, then all are fast.
        let slow = |second: u64| second == 1 || second == 3;
        let samples: Vec<Sample> = (0..100).map(|n| sample(n * 100, if slow(n / 10) { 500 } else { 5 })).collect();
        let watched = Duration::from_secs(9);
        assert_eq!(back_after(&samples, Duration::from_secs(1), watched), Some(Duration::from_secs(3)));
        let never: Vec<Sample> = (0..100).map(|n| sample(n * 100, 500)).collect();
        assert_eq!(back_after(&never, Duration::from_secs(1), watched), None);
    }
}
