//! Open-loop load: requests come when they come, whether earlier ones are answered or not, and each one's latency counts
//! from when it was to be sent. Slowness cannot hide by delaying the load that would show it.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::latency::Latencies;
use super::mix::{self, Kind};
use crate::client::{Client, Patience, Request};
use crate::draw::Draw;
use crate::people::Person;

/// What is offered: gaps between arrivals are exponential, so that they come as independent people would send them.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    pub reads_per_second: f64,
    pub writes_per_second: f64,
    pub lasting: Duration,
}

/// Who sends.
#[derive(Debug, Clone, Copy)]
pub enum Caller {
    /// Each request once, whatever is answered.
    Once,
    /// Again and again until there is an answer.
    Patient(Patience),
}

/// One request that was wanted.
#[derive(Debug, Clone)]
pub struct Sample {
    pub kind: Kind,
    /// When it was to be sent, since the beginning.
    pub intended: Duration,
    /// From then until its answer.
    pub took: Duration,
    /// The status; 0 where nothing came.
    pub status: u16,
    /// Method, path, status and code of what was no success.
    pub failure: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
}

impl Offer {
    pub fn times(self, factor: f64) -> Self {
        let (reads_per_second, writes_per_second) = (self.reads_per_second * factor, self.writes_per_second * factor);
        Offer { reads_per_second, writes_per_second, ..self }
    }

    pub fn lasting(self, lasting: Duration) -> Self {
        Offer { lasting, ..self }
    }

    pub fn per_second(self) -> f64 {
        self.reads_per_second + self.writes_per_second
    }
}

/// Offers one after the other, without a pause; answers every request that was wanted, once all are answered.
pub async fn drive(
    client: &Client,
    people: &[Person],
    mut draw: Draw,
    offers: &[Offer],
    caller: Caller,
) -> Vec<Sample> {
    let began = Instant::now();
    let mut under_way = JoinSet::new();
    let mut samples = Vec::new();
    let (mut intended, mut ends) = (Duration::ZERO, Duration::ZERO);
    for offer in offers {
        ends += offer.lasting;
        loop {
            let gap = -(1.0 - draw.share()).ln() / offer.per_second();
            let next = intended + Duration::from_secs_f64(gap);
            if next >= ends {
                intended = ends;
                break;
            }
            intended = next;
            let is_read = draw.share() < offer.reads_per_second / offer.per_second();
            let kind = if is_read { Kind::Read } else { Kind::Write };
            let request = mix::draw(&mut draw, people, kind);
            sleep_until(began + intended).await;
            under_way.spawn(send(client.clone(), request, caller, kind, began, intended));
            while let Some(done) = under_way.try_join_next() {
                samples.extend(done);
            }
        }
    }
    while let Some(done) = under_way.join_next().await {
        samples.extend(done);
    }
    samples
}

async fn send(
    client: Client,
    request: Request,
    caller: Caller,
    kind: Kind,
    began: Instant,
    intended: Duration,
) -> Sample {
    let (answer, attempts) = match caller {
        Caller::Once => (client.once(&request).await.map_err(|none| none.to_string()), 1),
        Caller::Patient(patience) => match client.until_answered(&request, patience).await {
            Ok(told) => (Ok(told.reply), told.attempts),
            Err(unanswered) => (Err(unanswered.last.clone()), unanswered.attempts),
        },
    };
    let took = began.elapsed().saturating_sub(intended);
    let (status, failure) = match answer {
        Ok(reply) if reply.is_success() => (reply.status, None),
        Ok(reply) => (reply.status, Some(format!("{request}: {} {}", reply.status, reply.code()))),
        Err(none) => (0, Some(format!("{request}: {none}"))),
    };
    Sample { kind, intended, took, status, failure, attempts }
}

/// The latencies of one kind.
pub fn latencies(samples: &[Sample], kind: Kind) -> Latencies {
    Latencies::of(samples.iter().filter(|sample| sample.kind == kind).map(|sample| sample.took))
}

/// How many were answered with 5xx or not at all.
pub fn failed(samples: &[Sample]) -> usize {
    samples.iter().filter(|sample| sample.status == 0 || sample.status >= 500).count()
}

/// What was no success, most frequent first.
pub fn failures(samples: &[Sample]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for failure in samples.iter().filter_map(|sample| sample.failure.as_deref()) {
        *counts.entry(failure).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().take(20).map(|(failure, count)| format!("{count} x {failure}")).collect()
}
