//! A flood of messages on a real queue: most are good, some come twice, one in a hundred can never be handled. Each good one
//! has its effect exactly once, and what cannot be handled lies in the dead-letter queue, whole and alone.

mod effects;
mod messages;
mod queue;

use std::collections::BTreeMap;
use std::time::Duration;

use checker::Journal;
use devstack::cloud::faults::MessageChance;
use tokio::time::Instant;

use crate::finding::Finding;
use crate::ground::{Accounts, Binaries, Ground};
use crate::parts::{Part, Ran};
use crate::people::{self, Post};
use crate::setting::Setting;
use crate::{invariants, optimised};
use messages::{Flood, Size};

/// The part.
pub const PART: Part = Part {
    name: "queue",
    shows: "a flood of messages with poison and repetitions has each effect once",
    in_short: true,
    run,
};

/// The consumer is `mailer`: of this type it makes one item for each event and person, and no mail.
const QUEUE: &str = "souk-local-mailer";
const DEAD_LETTERS: &str = "souk-local-mailer-dlq";
/// How long the welcome of the people may take.
const SETTLE: Duration = Duration::from_secs(120);
/// Differences that are shown.
const SHOWN: usize = 5;
/// The whole flood, its sending included.
const FULL_WITHIN: Duration = Duration::from_secs(300);

fn run(setting: &Setting) -> Ran<'_> {
    Box::pin(optimised::run(setting, PART.name, |setting, binaries| Box::pin(flood(setting, binaries))))
}

async fn flood(setting: &Setting, binaries: Binaries) -> Result<Vec<Finding>, String> {
    let size = if setting.short { Size::SHORT } else { Size::FULL };
    let ground = Ground::start(setting, binaries, Accounts::Demo).await?;
    let people = people::make(&ground, setting.seed, "reader", size.people, |_| Post::None).await?;
    // Whom the administrator made is welcomed, by the same type of event.
    ground.quiet(SETTLE).await?;
    let aws = ground.aws();
    let before = effects::of(&aws, &people).await?;
    let flood = Flood::drawn(setting.seed, &people, size)?;
    ground.faults().messages(disturbed(setting.seed));
    let began = Instant::now();
    queue::send(&aws, ground.urls(), QUEUE, &flood.bodies).await?;
    let sent = began.elapsed();
    println!("{} messages sent in {:.1} s", flood.bodies.len(), sent.as_secs_f64());
    ground.quiet(size.within).await?;
    let took = began.elapsed();
    println!("all quiet after {:.1} s", took.as_secs_f64());
    let found = effects::of(&aws, &people).await?.difference(&before).cloned().collect();
    let journal = Journal { poison: [("mailer".to_owned(), flood.poison.len() as u64)].into(), ..Journal::default() };
    let invariants = invariants::of(&ground, "the flood", &journal).await?;
    let dead = queue::drain(&aws, ground.urls(), DEAD_LETTERS).await?;
    ground.end().await;
    let speed = speed(setting, &flood, sent, took);
    Ok(vec![effects::judge(&flood, &found), dead_letters(&flood, &dead), invariants, speed])
}

/// What a standard queue may do: other orders, late ones, and one shown again while it is worked on. Its own duplicates are left
/// out, so that the dead letters can be counted: the flood brings its repetitions along.
fn disturbed(seed: u64) -> MessageChance {
    MessageChance { seed, duplicate: 0.0, hold: 0.02, shuffle: true, redeliver: 0.05 }
}

fn dead_letters(flood: &Flood, dead: &BTreeMap<String, usize>) -> Finding {
    let strangers: Vec<&String> = dead.keys().filter(|body| !flood.poison.contains(*body)).collect();
    let missing: Vec<&String> = flood.poison.iter().filter(|body| !dead.contains_key(*body)).collect();
    let letters: usize = dead.values().sum();
    let holds = strangers.is_empty() && missing.is_empty() && letters == flood.poison.len();
    let measured = format!("{letters} letters, {} missing, {} that are none", missing.len(), strangers.len());
    let strangers = strangers.iter().take(SHOWN).map(|body| format!("no poison: {body}"));
    let missing = missing.iter().take(SHOWN).map(|body| format!("missing: {body}"));
    let goal = format!("exactly the {} that can never be handled, once each, as they were sent", flood.poison.len());
    Finding::new("the dead-letter queue", goal, measured, holds).with(strangers.chain(missing).collect())
}

#[allow(clippy::cast_precision_loss, reason = "a rate to be read")]
fn speed(setting: &Setting, flood: &Flood, sent: Duration, took: Duration) -> Finding {
    let rate = flood.bodies.len() as f64 / took.as_secs_f64();
    let measured =
        format!("sent in {:.1} s, done after {:.1} s: {rate:.0} messages/s", sent.as_secs_f64(), took.as_secs_f64());
    let (goal, holds) = match setting.short {
        true => ("none: functions as built for debugging".to_owned(), true),
        false => (format!("{} s", FULL_WITHIN.as_secs()), took <= FULL_WITHIN),
    };
    Finding::new("until the queue is empty, its poison buried", goal, measured, holds)
}
