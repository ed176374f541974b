//! Faults as they are asked for in one line: `seed=7,rate=0.05,only=dynamodb+messages,kinds=lose+refuse`.

use super::{Chance, Kind, MessageChance, Service};
use std::str::FromStr;

/// Faults for a whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Nothing happens to calls when absent.
    pub calls: Option<Chance>,
    /// Nothing happens to messages when absent.
    pub messages: Option<MessageChance>,
}

const USUAL_SEED: u64 = 1;
const USUAL_RATE: f64 = 0.02;
const SERVICES: [Service; 5] = [Service::DynamoDb, Service::Sqs, Service::S3, Service::Ses, Service::Http];
const MESSAGES: &str = "messages";

impl FromStr for Plan {
    type Err = String;

    /// An error is a sentence for the user.
    fn from_str(line: &str) -> Result<Plan, String> {
        let (mut seed, mut rate) = (USUAL_SEED, USUAL_RATE);
        let (mut kinds, mut only) = (Vec::new(), Vec::new());
        for part in line.split(',').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| format!("{part} is no key=value"))?;
            match key {
                "seed" => seed = value.parse().map_err(|_| format!("seed={value} is no whole number"))?,
                "rate" => rate = rate_of(value)?,
                "only" => only = value.split('+').collect(),
                "kinds" => kinds = value.split('+').map(kind_of).collect::<Result<_, _>>()?,
                unknown => return Err(format!("faults know seed, rate, only and kinds, not {unknown}")),
            }
        }
        let disturbs = only.is_empty() || only.contains(&MESSAGES);
        let services: Vec<Service> =
            only.iter().filter(|name| **name != MESSAGES).map(|name| service_of(name)).collect::<Result<_, _>>()?;
        let calls = Chance { seed, rate, services, kinds };
        let messages = MessageChance { seed, duplicate: rate, hold: rate, shuffle: true, redeliver: rate };
        Ok(Plan {
            calls: (only.is_empty() || !calls.services.is_empty()).then_some(calls),
            messages: disturbs.then_some(messages),
        })
    }
}

fn rate_of(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| format!("rate={text} is not between 0 and 1"))
}

fn kind_of(name: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| format!("there is no kind of fault {name}: {}", names()))
}

fn service_of(name: &str) -> Result<Service, String> {
    let names = || SERVICES.map(Service::name).join(", ");
    let service = SERVICES.into_iter().find(|service| service.name() == name);
    service.ok_or_else(|| format!("faults happen in {} and {MESSAGES}, not in {name}", names()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_happens_how_often_and_where() {
        let plan: Plan = "seed=7,rate=0.5,only=dynamodb+messages,kinds=lose+kill-after".parse().unwrap();
        let calls = plan.calls.unwrap();
        assert_eq!((calls.seed, calls.rate, calls.services), (7, 0.5, vec![Service::DynamoDb]));
        assert_eq!(calls.kinds, [Kind::Lose, Kind::KillAfter]);
        assert_eq!(plan.messages.unwrap().redeliver, 0.5);
        let plan: Plan = "seed=7".parse().unwrap();
        assert_eq!(plan.calls, Some(Chance::new(7, USUAL_RATE)));
        assert!(plan.messages.unwrap().shuffle);
        assert_eq!("only=s3".parse::<Plan>().unwrap().messages, None);
        assert_eq!("only=messages".parse::<Plan>().unwrap().calls, None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in ["seed", "seed=x", "rate=1.5", "rate=NaN", "only=lambda", "kinds=fire", "speed=1"] {
            assert!(line.parse::<Plan>().is_err(), "{line}");
        }
    }
}
