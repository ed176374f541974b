//! Answers tell neither in words nor in time whether an address has an account.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::{Answer, Spent};

use crate::world::{PASSWORD, World};

const KNOWN: &str = "person@example.com";
/// As long, with the same history of requests, and nobody's.
const UNKNOWN: &str = "nobody@example.com";

/// An endpoint that is asked about an address.
struct Asked {
    path: &'static str,
    status: u16,
    /// Seconds between two pairs, so that neither a limit nor the lock speaks.
    apart: i64,
    body: fn(&str) -> Value,
}

const ASKED: [Asked; 5] = [
    Asked {
        path: "/api/v1/auth/register",
        status: 201,
        apart: 60,
        body: |email| json!({ "name": "Eve Moneypenny", "email": email, "password": "another long passphrase" }),
    },
    Asked {
        path: "/api/v1/auth/login",
        status: 401,
        apart: 1860,
        body: |email| json!({ "email": email, "password": "a wrong long passphrase" }),
    },
    Asked { path: "/api/v1/auth/verify-email/resend", status: 202, apart: 60, body: |email| json!({ "email": email }) },
    Asked {
        path: "/api/v1/auth/password-reset-request",
        status: 202,
        apart: 60,
        body: |email| json!({ "email": email }),
    },
    Asked {
        path: "/api/v1/auth/change-email",
        status: 202,
        apart: 60,
        body: |email| json!({ "newEmail": email, "password": PASSWORD }),
    },
];

/// One answer, how long it took in microseconds and what it cost.
struct Seen {
    answer: Answer,
    micros: u128,
    spent: Spent,
}

struct Observer {
    world: World,
    access: String,
    at: i64,
}

impl Observer {
    async fn start() -> Self {
        let world = World::start().await;
        world.person(KNOWN).await;
        let access = world.person("observer@example.com").await.access;
        Observer { world, access, at: 0 }
    }

    async fn ask(&self, asked: &Asked, email: &str) -> Seen {
        let before = self.world.sandbox.spent();
        let call = self.world.api.post(asked.path, (asked.body)(email)).token(&self.access);
        let began = Instant::now();
        let answer = call.send().await;
        let micros = began.elapsed().as_micros();
        Seen { answer: answer.expect(asked.status), micros, spent: self.world.sandbox.spent() - before }
    }

    /// Asks of the known address and of one that nobody has, the other one first every second time.
    async fn pair(&mut self, asked: &Asked, n: usize) -> (Seen, Seen) {
        self.at += asked.apart;
        self.world.clock().set_offset_seconds(self.at);
        if n.is_multiple_of(10) {
            self.access = self.world.sign_in("observer@example.com").await.access;
        }
        if n.is_multiple_of(2) {
            let known = self.ask(asked, KNOWN).await;
            (known, self.ask(asked, UNKNOWN).await)
        } else {
            let unknown = self.ask(asked, UNKNOWN).await;
            (self.ask(asked, KNOWN).await, unknown)
        }
    }
}

/// What a caller sees of an answer, without what differs between any two.
fn words(answer: &Answer) -> (Value, Vec<(String, String)>) {
    let mut body = answer.json.clone();
    for own in ["timestamp", "requestId"] {
        body.as_object_mut().unwrap().remove(own);
    }
    if let Some(email) = body.pointer_mut("/data/email") {
        *email = Value::Null;
    }
    let own = ["x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let headers = answer.headers.iter().map(|(name, value)| {
        let value = if own.contains(&name.as_str()) { "" } else { value.to_str().unwrap() };
        (name.as_str().to_owned(), value.to_owned())
    });
    let mut headers: Vec<(String, String)> = headers.collect();
    headers.sort();
    (body, headers)
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike_and_cost_alike() {
    let mut observer = Observer::start().await;
    for asked in &ASKED {
        // The first of a kind pays for counters and connections of this process.
        observer.pair(asked, 0).await;
        for n in 1..5 {
            let (known, unknown) = observer.pair(asked, n).await;
            assert_eq!(words(&known.answer), words(&unknown.answer), "{}", asked.path);
            assert_eq!(known.spent.calls, unknown.spent.calls, "{}: calls", asked.path);
            assert_eq!(known.spent.writes, unknown.spent.writes, "{}: write units", asked.path);
        }
    }
}

/// The probability that an answer about a known address takes longer than one about an unknown: 0.5 tells nothing.
fn area_under_curve(known: &[u128], unknown: &[u128]) -> f64 {
    let halves: usize = known
        .iter()
        .flat_map(|k| unknown.iter().map(move |u| (k, u)))
        .map(|(k, u)| match k.cmp(u) {
            std::cmp::Ordering::Greater => 2,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Less => 0,
        })
        .sum();
    halves as f64 / (2 * known.len() * unknown.len()) as f64
}

/// Times are for a quiet machine: `cargo test -p souk-tests --test it -- --ignored enumeration --nocapture`.
#[tokio::test]
#[ignore = "measures time; takes minutes"]
async fn hundreds_of_pairs_tell_nothing_in_time() {
    let pairs = std::env::var("PAIRS").map_or(500, |pairs| pairs.parse().unwrap());
    let mut areas = Vec::new();
    for asked in &ASKED {
        let mut observer = Observer::start().await;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for n in 0..pairs {
            let (k, u) = observer.pair(asked, n).await;
            assert_eq!(words(&k.answer), words(&u.answer), "{}", asked.path);
            known.push(k.micros);
            unknown.push(u.micros);
        }
        let area = area_under_curve(&known, &unknown);
        known.sort();
        unknown.sort();
        println!("{}: area {area:.3}, medians {} and {} µs", asked.path, known[pairs / 2], unknown[pairs / 2]);
        areas.push((asked.path, area));
    }
    for (path, area) in areas {
        assert!((0.45..=0.55).contains(&area), "{path}: {area}");
    }
}
