//! The same seed does the same again: what chance decides about the n-th call of a stream (function, service, operation) is
//! compared over two runs, and with a run of another seed.

use std::collections::BTreeMap;
use std::time::Duration;

use devstack::cloud::faults::{Chance, Decision};
use futures::FutureExt as _;

use super::mix::{self, Kind};
use crate::client::{Client, Patience};
use crate::draw::Draw;
use crate::finding::Finding;
use crate::ground::{Accounts, Binaries, Ground};
use crate::parts::{Part, Ran};
use crate::people;
use crate::setting::Setting;

/// The part.
pub const PART: Part =
    Part { name: "replay", shows: "the same seed decides the same, another seed otherwise", in_short: true, run };

const RATE: f64 = 0.1;
const PEOPLE: usize = 3;
/// Every third request writes.
const WRITES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);

/// What chance decided about the calls of each stream, in their order.
type Streams = BTreeMap<(String, &'static str, String), Vec<String>>;

fn run(setting: &Setting) -> Ran<'_> {
    replay(setting).boxed()
}

async fn replay(setting: &Setting) -> Result<Vec<Finding>, String> {
    let requests = if setting.short { 40 } else { 300 };
    let first = decisions(setting, setting.seed, requests).await?;
    let second = decisions(setting, setting.seed, requests).await?;
    let other = decisions(setting, setting.seed.wrapping_add(1), requests).await?;
    Ok(vec![same(&first, &second, requests), otherwise(&first, &other)])
}

/// One run: one caller, one request after the other.
async fn decisions(setting: &Setting, seed: u64, requests: usize) -> Result<Streams, String> {
    let ground = Ground::start(setting, Binaries::Debug, Accounts::Demo).await?;
    let people = people::make(&ground, setting.seed, "replay", PEOPLE, mix::post).await?;
    ground.quiet(PATIENCE).await?;
    let client = Client::new(&ground.urls().api)?;
    // The requests are those of the run's seed in all runs: only chance is to differ.
    let mut draw = Draw::new(setting.seed, "replay");
    ground.faults().by_chance(Chance::new(seed, RATE));
    for n in 0..requests {
        let kind = if n.is_multiple_of(WRITES) { Kind::Write } else { Kind::Read };
        let request = mix::draw(&mut draw, &people, kind);
        let told = client.until_answered(&request, Patience::of(PATIENCE)).await;
        told.map_err(|unanswered| unanswered.to_string())?;
    }
    ground.faults().calm();
    let streams = by_stream(ground.faults().decisions());
    ground.end().await;
    Ok(streams)
}

fn by_stream(decisions: Vec<Decision>) -> Streams {
    let mut streams = Streams::new();
    for decision in decisions {
        let stream = (decision.at.function, decision.at.service.name(), decision.at.operation);
        streams.entry(stream).or_default().push(decision.fault);
    }
    streams
}

/// The pairs of decisions that both runs came to, and how many of them differ.
fn compared(one: &Streams, other: &Streams) -> (usize, usize) {
    let both = one.iter().filter_map(|(stream, decisions)| Some((decisions, other.get(stream)?)));
    let pairs: Vec<(&String, &String)> = both.flat_map(|(one, other)| one.iter().zip(other)).collect();
    (pairs.len(), pairs.iter().filter(|(one, other)| one != other).count())
}

fn same(first: &Streams, second: &Streams, requests: usize) -> Finding {
    let (pairs, differing) = compared(first, second);
    let faults = first.values().flatten().filter(|fault| *fault != "none").count();
    let whole = first.iter().filter(|(stream, decisions)| second.get(stream) == Some(decisions)).count();
    let measured = format!(
        "{pairs} decisions of both, {faults} of the first run's are faults, {differing} differ; {whole} of {} streams are equal \
         from beginning to end",
        first.len()
    );
    let holds = pairs >= requests && faults > 0 && differing == 0;
    let goal = "each stream's n-th decision is the same, as far as both runs went";
    Finding::new(format!("{requests} requests one by one, twice with the same seed"), goal, measured, holds)
}

fn otherwise(first: &Streams, other: &Streams) -> Finding {
    let (pairs, differing) = compared(first, other);
    let measured = format!("{differing} of {pairs} decisions differ");
    Finding::new("the same requests with another seed", "other decisions", measured, differing > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(decisions: &[&str]) -> Streams {
        let stream = ("users".to_owned(), "dynamodb", "GetItem".to_owned());
        Streams::from([(stream, decisions.iter().map(|decision| (*decision).to_owned()).collect())])
    }

    #[test]
    fn runs_are_compared_as_far_as_both_went() {
        let long = streams(&["none", "lose", "none"]);
        assert_eq!(compared(&long, &streams(&["none", "lose"])), (2, 0));
        assert_eq!(compared(&long, &streams(&["none", "none", "none", "none"])), (3, 1));
        assert!(same(&long, &long, 3).holds && !same(&long, &long, 4).holds);
        assert!(!same(&long, &streams(&["none", "none", "none"]), 3).holds);
        assert!(!otherwise(&long, &long).holds);
    }
}
