//! The steady mix, while nothing goes wrong.

use devstack::cloud::faults::Chance;

use super::arrivals::{Caller, drive, failed, failures, latencies};
use super::faulty::Calls;
use super::latency::milliseconds;
use super::mix::Kind;
use super::{Load, P99_MAX, words};
use crate::finding::Finding;

/// What it finds, and how many AWS calls it took.
pub async fn run(load: &Load<'_>) -> Result<(Vec<Finding>, Calls), String> {
    let offer = load.size.steady;
    // A rate of nothing: the calls are counted as they are under faults.
    let counting = Calls::begin(load, "calm", Chance::new(load.setting.seed, 0.0))?;
    let samples = drive(&load.client, &load.people, load.draw("steady"), &[offer], Caller::Once).await;
    let calls = counting.end(load, samples.len()).await?;
    let (reads, writes) = (latencies(&samples, Kind::Read), latencies(&samples, Kind::Write));
    let errors = failed(&samples);
    let refused = samples.iter().filter(|sample| sample.failure.is_some()).count() - errors;
    let answers = Finding::new(
        words(offer),
        "no 5xx and no request without an answer",
        format!("{} requests, {errors} of them so; {refused} refused otherwise", samples.len()),
        errors == 0 && refused == 0,
    );
    let goal = format!("p99 of reads below {:.0} ms", milliseconds(P99_MAX));
    let (goal, holds) = match load.setting.short {
        true => (format!("{goal} in the full form"), true),
        false => (goal, reads.p99() < P99_MAX),
    };
    let measured = format!("reads {}; writes {}", reads.summary(), writes.summary());
    let mut histograms = vec!["reads:".to_owned()];
    histograms.extend(reads.histogram());
    histograms.push("writes:".to_owned());
    histograms.extend(writes.histogram());
    let latency = Finding::new("latency under it, from when a request was to be sent", goal, measured, holds);
    Ok((vec![answers.with(failures(&samples)), latency.with(histograms)], calls))
}
