//! Views of people: what finds somebody, and what they count in. Both are functions of the account as it is, so that a
//! view can be brought up to date by any event about somebody, however late it comes, and however often.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Account, Role, Status};
use crate::time::DAY;
use crate::{Invalid, Time};

/// Letters that a word must have to be found, and that a search must begin with.
pub const LETTERS_MIN: usize = 2;
/// A name of more words is found by these.
const WORDS_MAX: usize = 10;

/// What the views hold of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// The version of the account that was seen.
    pub version: u64,
    /// Counts what was written here, so that of two writers one goes first.
    pub revision: u64,
    /// The month that they came in: counters lie by month, and somebody stays in theirs.
    pub month: String,
    /// What they are found by.
    pub words: BTreeSet<String>,
    /// The counters that they count in.
    pub counters: BTreeSet<String>,
}

impl Seen {
    /// What the views are to hold of `account`.
    pub fn of(account: &Account, revision: u64) -> Self {
        let date = account.created_at.to_string();
        Seen {
            version: account.version,
            revision,
            month: date.chars().take(MONTH).collect(),
            words: words(account),
            counters: counters(account, &date),
        }
    }

    /// Whether the views hold the same by `other`.
    pub fn shows_the_same_as(&self, other: &Seen) -> bool {
        (&self.month, &self.words, &self.counters) == (&other.month, &other.words, &other.counters)
    }

    /// How the counters change when the views held `before` and are to hold `after`.
    pub fn steps(before: Option<&Seen>, after: Option<&Seen>) -> BTreeMap<String, i64> {
        let mut steps: BTreeMap<String, i64> = BTreeMap::new();
        for (seen, step) in [(before, -1), (after, 1)] {
            for counter in seen.into_iter().flat_map(|seen| &seen.counters) {
                *steps.entry(counter.clone()).or_default() += step;
            }
        }
        steps.retain(|_, step| *step != 0);
        steps
    }
}

/// Letters of a time as text that make its month, as `2026-11`, and its day.
const MONTH: usize = 7;
const DATE: usize = 10;

const ALL: &str = "all";
const MFA: &str = "mfa";

fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Disabled => "disabled",
    }
}

fn counters(account: &Account, date: &str) -> BTreeSet<String> {
    let mut counters = BTreeSet::from([ALL.to_owned(), status(account.status).to_owned()]);
    counters.extend(account.mfa_enabled_at.map(|_| MFA.to_owned()));
    counters.extend(account.granted.iter().map(|role| format!("role_{role}")));
    counters.insert(format!("day_{}", date.get(MONTH + 1..DATE).unwrap_or_default()));
    counters
}

/// The address and the words of the name, as they are looked up.
fn words(account: &Account) -> BTreeSet<String> {
    let name = fold(account.name.as_str());
    let words = name.split_whitespace().filter(|word| word.chars().count() >= LETTERS_MIN).take(WORDS_MAX);
    words.map(str::to_owned).chain([account.email.key().as_str().to_owned()]).collect()
}

/// Equal for what differs in case, accents or Unicode form only.
fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase().nfkc().collect()
}

/// What somebody is looked for by: one or more beginnings, each of the address or of a word of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerm(Vec<String>);

impl SearchTerm {
    /// The beginning to look up: the longest says most.
    pub fn longest(&self) -> &str {
        self.0.iter().max_by_key(|part| part.chars().count()).map(String::as_str).unwrap_or_default()
    }

    /// Whether this is somebody who is looked for. To be asked of whoever was found: the view may be behind.
    pub fn fits(&self, account: &Account) -> bool {
        let words = words(account);
        self.0.iter().all(|part| words.iter().any(|word| word.starts_with(part)))
    }

    /// The same term for all spellings of it, for a cursor to be bound to.
    pub fn canonical(&self) -> String {
        self.0.join(" ")
    }
}

impl FromStr for SearchTerm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !(LETTERS_MIN..=100).contains(&text.trim().chars().count()) {
            return Err("must have 2 to 100 characters".into());
        }
        let term = SearchTerm(fold(text).split_whitespace().map(str::to_owned).collect());
        match term.longest().chars().count() >= LETTERS_MIN {
            true => Ok(term),
            false => Err("must have a word of two letters".into()),
        }
    }
}

impl<'de> Deserialize<'de> for SearchTerm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for SearchTerm {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SearchTerm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 2,
            "maxLength": 100,
            "description": "Beginnings of the e-mail address or of words of the name",
            "examples": ["ada lov"]
        })
    }
}

/// How many people there are. Days are those of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct PeopleStats {
    pub total: i64,
    pub active: i64,
    pub disabled: i64,
    /// Those who sign in with a second factor.
    pub mfa_enabled: i64,
    /// Every role, `user` included.
    pub by_role: BTreeMap<String, i64>,
    pub registered_today: i64,
    /// Today and the six days before.
    pub registered_last7_days: i64,
    pub registered_last30_days: i64,
    pub as_of: Time,
}

impl PeopleStats {
    /// The sum of counters, each of a month.
    pub fn sum<'a>(counters: impl IntoIterator<Item = (&'a str, &'a str, i64)>, now: Time) -> Self {
        let date = |days: i64| now.plus_seconds(-days * DAY).to_string().chars().take(DATE).collect::<String>();
        let days: Vec<String> = (0..30).map(date).collect();
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        let mut registered = [0; 30];
        for (month, counter, n) in counters {
            *totals.entry(counter).or_default() += n;
            let date = counter.strip_prefix("day_").map(|day| format!("{month}-{day}"));
            if let Some(place) = date.and_then(|date| days.iter().position(|known| *known == date)) {
                registered[place] += n;
            }
        }
        let total = |name: &str| totals.get(name).copied().unwrap_or_default();
        let of_role = |role: Role| match role {
            Role::User => total(ALL),
            role => total(&format!("role_{role}")),
        };
        PeopleStats {
            total: total(ALL),
            active: total(status(Status::Active)),
            disabled: total(status(Status::Disabled)),
            mfa_enabled: total(MFA),
            by_role: Role::ALL.into_iter().map(|role| (role.to_string(), of_role(role))).collect(),
            registered_today: registered[0],
            registered_last7_days: registered[..7].iter().sum(),
            registered_last30_days: registered.iter().sum(),
            as_of: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    fn account(name: &str, email: &str) -> Account {
        let now = Time::from_millis(1_795_168_800_000);
        Account::new(Id::new(now, [7; 10]), name.parse().unwrap(), email.parse().unwrap(), now)
    }

    fn finds(term: &str, account: &Account) -> bool {
        term.parse::<SearchTerm>().unwrap().fits(account)
    }

    #[test]
    fn people_are_found_by_beginnings_however_they_are_written() {
        let ada = account("Ada KING  Ünal-Lovelace", "Ada.L@Bücher.example");
        for term in ["ada", "ADA.l@", "kin", "unal", "ÜNAL-L", "U\u{308}nal", "ada.l@xn--bcher", "ki un", " ada  king "]
        {
            assert!(finds(term, &ada), "{term}");
        }
        for term in ["da", "lovelace", "king ada x", "adal", "b\u{fc}cher"] {
            assert!(!finds(term, &ada), "{term}");
        }
        assert!(finds("张伟", &account("张伟", "a@b.example")));
        for wrong in ["", "a", " a ", "a b c", &"x".repeat(101)] {
            assert!(wrong.parse::<SearchTerm>().is_err(), "{wrong:?}");
        }
        let (one, other): (SearchTerm, SearchTerm) = (" Zoë  X".parse().unwrap(), "zoe x".parse().unwrap());
        assert_eq!((one.canonical(), one.longest()), (other.canonical(), "zoe"));
    }

    #[test]
    fn steps_lead_from_what_was_seen_to_what_is_and_back_to_nothing() {
        let mut ada = account("Ada Lovelace", "ada@b.example");
        let first = Seen::of(&ada, 1);
        assert_eq!(first.month, "2026-11");
        assert_eq!(
            Vec::from_iter(Seen::steps(None, Some(&first))),
            [("active".to_owned(), 1), ("all".to_owned(), 1), ("day_20".to_owned(), 1)]
        );
        ada.granted.insert(Role::Host);
        ada.status = Status::Disabled;
        ada.mfa_enabled_at = Some(ada.created_at);
        let second = Seen::of(&ada, 2);
        let steps = Seen::steps(Some(&first), Some(&second));
        assert_eq!(steps.values().sum::<i64>(), 2);
        assert_eq!((steps["active"], steps["disabled"], steps["mfa"], steps["role_host"]), (-1, 1, 1, 1));
        assert!(Seen::steps(Some(&second), Some(&second)).is_empty());
        assert!(Seen::steps(Some(&second), None).values().all(|step| *step == -1));
    }

    #[test]
    fn sums_know_today_and_the_days_before() {
        let now: Time = "2026-12-03T10:00:00.000Z".parse().unwrap();
        let counters = [
            ("2026-12", "all", 3),
            ("2026-12", "day_03", 2),
            ("2026-12", "day_01", 1),
            ("2026-11", "all", 4),
            ("2026-11", "day_27", 1),
            ("2026-11", "day_26", 1),
            ("2026-11", "day_03", 2),
            ("2025-12", "day_03", 9),
            ("2026-11", "role_host", 2),
        ];
        let stats = PeopleStats::sum(counters, now);
        assert_eq!((stats.total, stats.by_role["user"], stats.by_role["host"], stats.by_role["buyer"]), (7, 7, 2, 0));
        assert_eq!(
            (stats.registered_today, stats.registered_last7_days, stats.registered_last30_days),
            (2, 4, 5),
            "4 and 3 November are 29 and 30 days ago"
        );
    }
}
