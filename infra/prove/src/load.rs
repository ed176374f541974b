//! Load on the whole: a steady mix of reads and writes, a spike, the rate at which it becomes slow, and the same mix while a
//! tenth of all calls to AWS goes wrong.

mod arrivals;
mod faulty;
mod knee;
mod latency;
mod mix;
pub mod replay;
mod spike;
mod steady;

use std::time::Duration;

use crate::client::Client;
use crate::draw::Draw;
use crate::finding::Finding;
use crate::ground::{Accounts, Binaries, Ground};
use crate::parts::{Part, Ran};
use crate::people::{self, Person};
use crate::setting::Setting;
use crate::{invariants, optimised};
use arrivals::Offer;

/// The part.
pub const PART: Part = Part {
    name: "load",
    shows: "latency and errors under load, in a spike, at the knee and while a tenth of all AWS calls goes wrong",
    in_short: true,
    run,
};

/// Beyond it the p99 of reads is too slow.
const P99_MAX: Duration = Duration::from_millis(100);

/// How much is offered, and to how many.
struct Size {
    people: usize,
    /// What is judged.
    steady: Offer,
    /// How many times as much a spike brings, and how long.
    spike: (f64, Duration),
    /// How long the time after it is watched.
    after_spike: Duration,
}

const FULL: Size = Size {
    people: 400,
    steady: Offer { reads_per_second: 150.0, writes_per_second: 25.0, lasting: Duration::from_secs(300) },
    spike: (10.0, Duration::from_secs(5)),
    after_spike: Duration::from_secs(60),
};

const SHORT: Size = Size {
    people: 20,
    steady: Offer { reads_per_second: 12.0, writes_per_second: 3.0, lasting: Duration::from_secs(10) },
    spike: (5.0, Duration::from_secs(1)),
    after_spike: Duration::from_secs(8),
};

/// What all loads work on.
struct Load<'a> {
    setting: &'a Setting,
    size: Size,
    ground: Ground,
    client: Client,
    people: Vec<Person>,
}

fn run(setting: &Setting) -> Ran<'_> {
    Box::pin(optimised::run(setting, PART.name, |setting, binaries| Box::pin(load(setting, binaries))))
}

async fn load(setting: &Setting, binaries: Binaries) -> Result<Vec<Finding>, String> {
    let size = if setting.short { SHORT } else { FULL };
    let ground = Ground::start(setting, binaries, Accounts::Demo).await?;
    let people = people::make(&ground, setting.seed, "loader", size.people, mix::post).await?;
    let client = Client::new(&ground.urls().api)?;
    let mut load = Load { setting, size, ground, client, people };
    load.settle().await?;
    let (mut found, calm) = steady::run(&load).await?;
    found.push(spike::run(&load).await);
    if !setting.short {
        // Tokens last a quarter of an hour.
        people::renew(&load.ground, &mut load.people).await?;
        found.push(knee::run(&load).await);
        people::renew(&load.ground, &mut load.people).await?;
        load.settle().await?;
    }
    found.extend(faulty::run(&load, calm).await?);
    let journal = checker::Journal::default();
    found.push(invariants::of(&load.ground, "the spike and the faults", &journal).await?);
    load.ground.end().await;
    Ok(found)
}

impl Load<'_> {
    /// Waits until nothing is left of what was before.
    async fn settle(&self) -> Result<(), String> {
        self.ground.quiet(Duration::from_secs(120)).await
    }

    fn draw(&self, label: &str) -> Draw {
        Draw::new(self.setting.seed, format!("load {label}"))
    }
}

/// `150 reads/s and 25 writes/s for 300 s`.
fn words(offer: Offer) -> String {
    let (reads, writes, seconds) = (offer.reads_per_second, offer.writes_per_second, offer.lasting.as_secs());
    format!("{reads:.0} reads/s and {writes:.0} writes/s for {seconds} s")
}
