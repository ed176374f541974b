//! The knee: the rate at which it becomes slow, found in steps.

use std::time::Duration;

use super::arrivals::{Caller, Offer, Sample, drive, failed, latencies};
use super::latency::Latencies;
use super::mix::Kind;
use super::{Load, P99_MAX};
use crate::finding::Finding;

const STEP: Duration = Duration::from_secs(10);
/// Each step offers so much more than the one before.
const FACTOR: f64 = 1.25;
const STEPS_MAX: usize = 14;
/// Beyond the knee less than this share is answered in the time in which it is offered.
const ACHIEVED_MIN: f64 = 0.95;
/// What is left of one step must not burden the next.
const REST: Duration = Duration::from_secs(5);

/// Where it stopped.
struct Step {
    offer: Offer,
    achieved: f64,
    reads: Latencies,
    failed: usize,
}

pub async fn run(load: &Load<'_>) -> Finding {
    let mut steps = Vec::new();
    let mut offer = load.size.steady.lasting(STEP);
    for n in 0..STEPS_MAX {
        let draw = load.draw(&format!("knee {n}"));
        let samples = drive(&load.client, &load.people, draw, &[offer], Caller::Once).await;
        let step = Step::of(offer, &samples);
        println!("{step}");
        let is_beyond = step.is_beyond();
        steps.push(step);
        if is_beyond {
            break;
        }
        tokio::time::sleep(REST).await;
        offer = offer.times(FACTOR);
    }
    finding(&steps)
}

impl Step {
    fn of(offer: Offer, samples: &[Sample]) -> Self {
        let in_time = samples.iter().filter(|sample| sample.intended + sample.took <= offer.lasting).count();
        let achieved = in_time as f64 / samples.len().max(1) as f64;
        Step { offer, achieved, reads: latencies(samples, Kind::Read), failed: failed(samples) }
    }

    fn is_beyond(&self) -> bool {
        self.reads.p99() > P99_MAX || self.achieved < ACHIEVED_MIN || self.failed > 0
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (rate, share, failed) = (self.offer.per_second(), self.achieved * 100.0, self.failed);
        write!(f, "{rate:.0} requests/s: {share:.1} % in time, {failed} failed, reads {}", self.reads.summary())
    }
}

/// The knee is reported, not judged; that it lies beyond the steady load follows from there.
fn finding(steps: &[Step]) -> Finding {
    let last_good = steps.iter().rev().find(|step| !step.is_beyond());
    let first_beyond = steps.iter().find(|step| step.is_beyond());
    let rate =
        |step: Option<&Step>| step.map_or("nothing".to_owned(), |step| format!("{:.0}/s", step.offer.per_second()));
    let measured = match first_beyond {
        Some(_) => format!("between {} and {}", rate(last_good), rate(first_beyond)),
        None => format!("beyond {}", rate(last_good)),
    };
    let what = "the knee: p99 of reads above 100 ms, less than 95 % in time, or a failure";
    let details = steps.iter().map(ToString::to_string).collect();
    Finding::new(what, "reported", measured, true).with(details)
}
