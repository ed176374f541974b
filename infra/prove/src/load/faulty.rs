//! The steady mix while a tenth of all calls to AWS goes wrong, and callers who send again what was not answered.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::time::Duration;

use devstack::cloud::faults::Chance;

use super::arrivals::{Caller, Sample, drive, failures, latencies};
use super::mix::Kind;
use super::{Load, words};
use crate::client::Patience;
use crate::finding::Finding;

const RATE: f64 = 0.1;
const SUCCESS_MIN: f64 = 0.999;
const AMPLIFICATION_MAX: f64 = 3.0;
/// A caller's patience.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many AWS calls a load took, consumers included, until all was quiet.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    calls: usize,
    faults: usize,
    requests: usize,
}

/// Calls that are being counted, into a file of decisions.
pub struct Counting(PathBuf);

impl Calls {
    /// Lets chance decide, and counts what it decides about.
    ///
    /// # Errors
    /// The log of decisions cannot be made.
    pub fn begin(load: &Load<'_>, name: &str, chance: Chance) -> Result<Counting, String> {
        let path = load.setting.out.join(format!("decisions-{name}.jsonl"));
        let faults = load.ground.faults();
        faults.log_to(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        faults.by_chance(chance);
        Ok(Counting(path))
    }

    /// AWS calls for each request that was wanted.
    fn each(self) -> f64 {
        self.calls as f64 / self.requests.max(1) as f64
    }
}

impl Counting {
    /// Waits until all is done, then lets nothing go wrong any more.
    ///
    /// # Errors
    /// It does not come to rest, or the log cannot be read.
    pub async fn end(self, load: &Load<'_>, requests: usize) -> Result<Calls, String> {
        load.settle().await?;
        load.ground.faults().calm();
        let file = File::open(&self.0).map_err(|error| format!("{}: {error}", self.0.display()))?;
        let (mut calls, mut faults) = (0, 0);
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| error.to_string())?;
            calls += 1;
            faults += usize::from(!line.contains("\"fault\":\"none\""));
        }
        Ok(Calls { calls, faults, requests })
    }
}

/// What it finds, beside the calm load that took so many calls.
pub async fn run(load: &Load<'_>, calm: Calls) -> Result<Vec<Finding>, String> {
    let offer = load.size.steady;
    let counting = Calls::begin(load, "faulty", Chance::new(load.setting.seed, RATE))?;
    let caller = Caller::Patient(Patience::of(PATIENCE));
    let samples = drive(&load.client, &load.people, load.draw("faulty"), &[offer], caller).await;
    let calls = counting.end(load, samples.len()).await?;
    Ok(vec![success(load, &samples, calls), amplification(&samples, calm, calls)])
}

fn success(load: &Load<'_>, samples: &[Sample], calls: Calls) -> Finding {
    let good = samples.iter().filter(|sample| sample.failure.is_none()).count();
    let share = good as f64 / samples.len().max(1) as f64;
    let goal = format!("at least {:.1} % succeed, sent again where there was no answer", SUCCESS_MIN * 100.0);
    let (reads, writes) = (latencies(samples, Kind::Read), latencies(samples, Kind::Write));
    let measured = format!(
        "{good} of {}, {:.2} %; {} of {} AWS calls went wrong; reads {}; writes {}",
        samples.len(),
        share * 100.0,
        calls.faults,
        calls.calls,
        reads.summary(),
        writes.summary()
    );
    let what = format!("{}, {:.0} % of AWS calls go wrong", words(load.size.steady), RATE * 100.0);
    Finding::new(what, goal, measured, share >= SUCCESS_MIN).with(failures(samples))
}

/// Both kinds: what callers send, and what functions send to AWS.
fn amplification(samples: &[Sample], calm: Calls, faulty: Calls) -> Finding {
    let sent: u32 = samples.iter().map(|sample| sample.attempts).sum();
    let of_callers = f64::from(sent) / samples.len().max(1) as f64;
    let of_functions = faulty.each() / calm.each();
    let measured = format!(
        "{of_callers:.2} requests sent for each that was wanted; {:.2} AWS calls for each, {:.2} when calm: {of_functions:.2} times",
        faulty.each(),
        calm.each()
    );
    let holds = of_callers <= AMPLIFICATION_MAX && of_functions <= AMPLIFICATION_MAX;
    let goal = format!("each at most {AMPLIFICATION_MAX:.0} times");
    Finding::new("amplification under these faults", goal, measured, holds)
}
