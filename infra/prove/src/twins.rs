//! One request sent twenty times at once under one Idempotency-Key, two of them altered: one effect, one answer, byte for
//! byte, and 422 for what is another request.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use checker::Journal;
use futures::future::join_all;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use tokio::time::Instant;

use crate::client::{Client, Patience, Request, Told};
use crate::draw::Draw;
use crate::finding::Finding;
use crate::ground::{Accounts, Binaries, Ground};
use crate::parts::{Part, Ran};
use crate::people::{self, Person, Post};
use crate::setting::Setting;
use crate::{invariants, optimised};

const SENDS: usize = 20;
/// Of them.
const ALTERED: usize = 2;
/// An account has at most twenty API keys that live.
const KEYS_EACH: usize = 4;
/// Keys whose twins are under way at once: more than this only wait in line before the function.
const KEYS_AT_ONCE: usize = 4;
/// Over a minute: a rate limit holds nobody off longer.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long mails and notices of the keys may take.
const SETTLE: Duration = Duration::from_secs(300);

/// The part.
pub const PART: Part =
    Part { name: "twins", shows: "one effect and one answer of what is sent many times at once", in_short: true, run };

fn run(setting: &Setting) -> Ran<'_> {
    Box::pin(optimised::run(setting, "twins", |setting, binaries| Box::pin(twins(setting, binaries))))
}

/// What came of one key.
struct Outcome {
    person: usize,
    /// The name in the body that was done, where one was.
    winner: Option<String>,
    told: Vec<Told>,
    /// What was not as promised, in words.
    wrong: Vec<String>,
}

async fn twins(setting: &Setting, binaries: Binaries) -> Result<Vec<Finding>, String> {
    let keys: usize = if setting.short { 50 } else { 2_000 };
    let ground = Ground::start(setting, binaries, Accounts::Demo).await?;
    let people = people::make(&ground, setting.seed, "twin", keys.div_ceil(KEYS_EACH), |_| Post::None).await?;
    let client = Client::new(&ground.urls().api)?;
    let began = Instant::now();
    let sent = (0..keys).map(|key| send(&client, setting.seed, key, &people));
    let outcomes: Vec<Outcome> = futures::stream::iter(sent).buffer_unordered(KEYS_AT_ONCE).try_collect().await?;
    let seconds = began.elapsed().as_secs_f64();
    let effects = effects(&client, &people).await?;
    ground.quiet(SETTLE).await?;
    let invariants = invariants::of(&ground, "the twins", &Journal::default()).await?;
    ground.end().await;
    println!("{} requests in {seconds:.1} s", keys * SENDS);
    Ok(vec![one_effect(keys, &people, &outcomes, &effects), answers(keys, &outcomes), invariants])
}

/// Sends one key's twins at once and judges what they were told.
async fn send(client: &Client, seed: u64, key: usize, people: &[Person]) -> Result<Outcome, String> {
    let person = key % people.len();
    let mut draw = Draw::new(seed, format!("twins {key}"));
    let mut altered: Vec<bool> = (0..SENDS).map(|n| n < ALTERED).collect();
    draw.shuffle(&mut altered);
    let requests = altered.iter().map(|altered| {
        let body = json!({ "name": name(key, *altered), "scopes": ["profile:read"] });
        let request = Request::post("/api/v1/auth/api-keys", body);
        request.token(people[person].token.as_str()).key(format!("twins-{seed}-{key}"))
    });
    let requests: Vec<Request> = requests.collect();
    let sent: Vec<_> = requests.iter().map(|request| client.until_answered(request, Patience::of(PATIENCE))).collect();
    let told = join_all(sent).await.into_iter().collect::<Result<Vec<Told>, _>>();
    let told = told.map_err(|unanswered| format!("key {key}: {unanswered}"))?;
    let (winner, wrong) = judge(key, &altered, &told);
    Ok(Outcome { person, winner, told, wrong })
}

fn name(key: usize, altered: bool) -> String {
    match altered {
        true => format!("twin {key} altered"),
        false => format!("twin {key}"),
    }
}

/// Which body was done, and what was not as promised. Whichever came first is the original; the others are the altered.
fn judge(key: usize, altered: &[bool], told: &[Told]) -> (Option<String>, Vec<String>) {
    let mut wrong = Vec::new();
    let made: Vec<(bool, &Told)> =
        altered.iter().copied().zip(told).filter(|(_, told)| told.reply.status == 201).collect();
    let Some((winner, first)) = made.first() else {
        return (None, vec![format!("key {key}: nobody was told 201")]);
    };
    if made.iter().any(|(altered, told)| altered != winner || told.reply.text != first.reply.text) {
        wrong.push(format!("key {key}: answers of 201 differ"));
    }
    let replayed = made.iter().filter(|(_, told)| told.reply.headers.contains_key("idempotent-replayed")).count();
    let lost: u32 = told.iter().map(|told| told.lost).sum();
    let fresh = made.len() - replayed;
    if fresh > 1 || fresh == 0 && lost == 0 {
        wrong.push(format!("key {key}: {fresh} answers are not marked as replayed"));
    }
    for (altered, told) in altered.iter().zip(told) {
        let status = told.reply.status;
        let is_right = match altered == winner {
            true => status == 201,
            false => status == 422 && told.reply.code() == "IDEMPOTENCY_MISMATCH",
        };
        if !is_right {
            wrong.push(format!("key {key}: {} of the original was told {}", altered == winner, told.reply));
        }
    }
    (Some(name(key, *winner)), wrong)
}

/// The names of each person's API keys.
async fn effects(client: &Client, people: &[Person]) -> Result<Vec<Vec<String>>, String> {
    let listed: Vec<_> = people.iter().map(|person| key_names(client, person)).collect();
    futures::stream::iter(listed).buffered(KEYS_AT_ONCE).try_collect().await
}

async fn key_names(client: &Client, person: &Person) -> Result<Vec<String>, String> {
    let request = Request::get("/api/v1/auth/api-keys").token(person.token.as_str());
    let told = client.until_answered(&request, Patience::of(PATIENCE)).await.map_err(|error| error.to_string())?;
    let keys = told.reply.data()["apiKeys"].as_array().ok_or(format!("no list of keys: {}", told.reply))?;
    Ok(keys.iter().filter_map(|key| key["name"].as_str().map(str::to_owned)).collect())
}

fn one_effect(keys: usize, people: &[Person], outcomes: &[Outcome], effects: &[Vec<String>]) -> Finding {
    let mut expected = vec![BTreeSet::new(); people.len()];
    for outcome in outcomes {
        expected[outcome.person].extend(outcome.winner.clone());
    }
    let mut wrong = Vec::new();
    for (person, (expected, found)) in expected.iter().zip(effects).enumerate() {
        let distinct: BTreeSet<String> = found.iter().cloned().collect();
        if *expected != distinct || found.len() != distinct.len() {
            wrong.push(format!("{}: expected {expected:?}, found {found:?}", people[person].email));
        }
    }
    let made: usize = effects.iter().map(Vec::len).sum();
    let measured = format!("{made} API keys, {} people differ from what they were told", wrong.len());
    let holds = made == keys && wrong.is_empty();
    let what = format!("{keys} idempotency keys, {SENDS} concurrent sends each");
    Finding::new(what, "one API key for each, the one that was answered", measured, holds).with(first_ten(wrong))
}

fn answers(keys: usize, outcomes: &[Outcome]) -> Finding {
    let mut by_answer: BTreeMap<String, usize> = BTreeMap::new();
    let (mut attempts, mut lost) = (0, 0);
    for told in outcomes.iter().flat_map(|outcome| &outcome.told) {
        *by_answer.entry(format!("{} {}", told.reply.status, told.reply.code()).trim().to_owned()).or_default() += 1;
        attempts += told.attempts;
        lost += told.lost;
    }
    let wrong: Vec<String> = outcomes.iter().flat_map(|outcome| outcome.wrong.clone()).collect();
    let by_answer: Vec<String> = by_answer.into_iter().map(|(answer, count)| format!("{answer}: {count}")).collect();
    let sent = keys * SENDS;
    let measured = format!(
        "{} ({attempts} attempts for {sent} sends, {lost} without an answer or 5xx), {} not as promised",
        by_answer.join(", "),
        wrong.len()
    );
    let goal = "201 with the same bytes, one of them not replayed; altered ones 422 IDEMPOTENCY_MISMATCH";
    Finding::new("what twins are told", goal, measured, wrong.is_empty()).with(first_ten(wrong))
}

fn first_ten(mut all: Vec<String>) -> Vec<String> {
    all.truncate(10);
    all
}

#[cfg(test)]
#[path = "twins/tests.rs"]
mod tests;
