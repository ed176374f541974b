//! The messages of a flood, and what is to become of each.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::event::Event;
use domain::identity::Role;
use domain::identity::events::{Source, UserRegistered};
use domain::identity::notice::id_of;
use domain::{Id, Time};
use serde_json::{Value, json};

use crate::draw::Draw;
use crate::people::Person;

/// How large a flood is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// All messages; a hundredth of them can never be handled, a tenth repeats others.
    pub messages: usize,
    pub people: usize,
    /// When it is to be over.
    pub within: Duration,
}

impl Size {
    pub const FULL: Size = Size { messages: 100_000, people: 300, within: Duration::from_secs(900) };
    pub const SHORT: Size = Size { messages: 2_000, people: 10, within: Duration::from_secs(180) };
}

/// The messages of a flood, and what is to become of them.
pub struct Flood {
    /// In the order in which they are sent.
    pub bodies: Vec<String>,
    /// The notices that they make: (person, notice) by their ids.
    pub effects: BTreeSet<(String, String)>,
    /// The bodies that can never be handled.
    pub poison: BTreeSet<String>,
    pub repeated: usize,
}

impl Flood {
    /// Draws a flood: the good ones for people in turn, the poison in every way there is, all of it shuffled.
    ///
    /// # Errors
    /// An event cannot be written.
    pub fn drawn(seed: u64, people: &[Person], size: Size) -> Result<Self, String> {
        let now = now();
        let (poisonous, repeated) = (size.messages / 100, size.messages / 10);
        let distinct = size.messages - poisonous - repeated;
        let mut ids = Draw::new(seed, "flood events");
        let mut bodies = Vec::with_capacity(size.messages);
        let mut effects = BTreeSet::new();
        for n in 0..distinct {
            let person = &people[n % people.len()];
            let event = event(Id::new(now, ids.bytes()), now, person)?;
            effects.insert((person.id.to_string(), id_of(event.id, person.id).to_string()));
            bodies.push(serde_json::to_string(&event).map_err(|error| error.to_string())?);
        }
        let mut which = Draw::new(seed, "flood repetitions");
        for _ in 0..repeated {
            bodies.push(bodies[which.below(distinct)].clone());
        }
        let sample: Value = serde_json::from_str(&bodies[0]).map_err(|error| error.to_string())?;
        let poison: BTreeSet<String> = (0..poisonous).map(|n| poison(n, &sample)).collect();
        bodies.extend(poison.iter().cloned());
        Draw::new(seed, "flood order").shuffle(&mut bodies);
        Ok(Flood { bodies, effects, poison, repeated })
    }
}

/// Somebody is welcomed: one notice, no mail.
fn event(id: Id<domain::id::Event>, now: Time, person: &Person) -> Result<Event, String> {
    let told = UserRegistered {
        user_id: person.id,
        email: person.email.parse().map_err(|_| "no address".to_owned())?,
        name: "Flooded".parse().map_err(|_| "no name".to_owned())?,
        roles: [Role::User].into(),
        source: Source::Service,
    };
    Event::new(id, now, None, &[person.id], "flood", &told).map_err(|error| error.to_string())
}

/// A body that can never be handled, each in its own way and no two the same. `sample` is a good one.
fn poison(n: usize, sample: &Value) -> String {
    let mut event = sample.clone();
    event["requestId"] = json!(format!("poison {n}"));
    match n % 10 {
        0 => return format!("no JSON at all {n}"),
        1 => return event.to_string().chars().take(120).chain(format!(" cut off {n}").chars()).collect(),
        2 => return json!([n]).to_string(),
        3 => return json!({ "poison": n }).to_string(),
        4 => event["type"] = json!("user.flooded"),
        5 => event["id"] = json!("usr_01h455vb4pex5vsknk084sn02q"),
        6 => event["subjectIds"] = json!(["ses_01h455vb4pex5vsknk084sn02q"]),
        7 => event["subjectIds"] = json!([]),
        8 => event["data"] = json!({ "userId": 7 }),
        _ => event["occurredAt"] = json!("yesterday"),
    }
    event.to_string()
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<Person> {
        let person = |n: u8| Person {
            id: Id::new(now(), [n; 10]),
            email: format!("reader-{n}@example.com"),
            token: String::new(),
        };
        (0..3).map(person).collect()
    }

    #[test]
    fn a_flood_holds_what_it_says() {
        let size = Size { messages: 1_000, ..Size::SHORT };
        let flood = Flood::drawn(1, &people(), size).unwrap();
        assert_eq!((flood.bodies.len(), flood.poison.len(), flood.repeated), (1_000, 10, 100));
        assert_eq!(flood.effects.len(), 890);
        let distinct: BTreeSet<&String> = flood.bodies.iter().collect();
        assert_eq!(distinct.len(), 900);
        let again = Flood::drawn(2, &people(), size).unwrap();
        assert!(flood.bodies.iter().zip(&again.bodies).filter(|(one, other)| one == other).count() < 20);
    }

    #[test]
    fn no_poison_is_an_event_that_mailer_knows() {
        let sample = Flood::drawn(1, &people(), Size { messages: 100, ..Size::SHORT }).unwrap();
        let sample = sample.bodies.iter().find(|body| !sample.poison.contains(*body)).unwrap();
        let sample = serde_json::from_str(sample).unwrap();
        for n in 0..20 {
            let body = poison(n, &sample);
            let handled = serde_json::from_str::<Event>(&body).ok().is_some_and(|event| {
                let known = event.row().is_some_and(|row| row.told.is_some());
                let readable = serde_json::from_value::<UserRegistered>(event.data).is_ok();
                known && readable && !event.subject_ids.is_empty()
            });
            assert!(!handled, "{body}");
        }
    }
}
