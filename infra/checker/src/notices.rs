//! Each event that somebody is told of has reached them once. A notice's id says when its event was, and so does the event's:
//! both begin with the millisecond, in Crockford's base32.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::book::Book;
use crate::queues::Depth;
use crate::suspect::{Broken, Rule, of_person};
use crate::target::Rest;

pub(crate) const RULE: Rule = Rule {
    name: "every event that somebody is told of is one notice",
    count: |book| judged(book).count(),
    broken: untold,
};

/// What goes to `mailer` and is no job for it, by docs/DATA.md.
const TOLD: [&str; 14] = [
    "user.registered",
    "user.email_changed",
    "user.password_changed",
    "user.session_reuse_detected",
    "user.api_key_created",
    "user.mfa_enabled",
    "user.mfa_disabled",
    "user.recovery_code_used",
    "user.role_granted",
    "user.role_revoked",
    "user.disabled",
    "user.enabled",
    "user.locked",
    "webhook_endpoint.disabled",
];

/// These ride on items that go away sooner than the notice: of them a notice too many cannot be seen.
const FLEETING: [&str; 2] = ["user.role_granted", "user.registered"];

/// Older ones are on their way no more: five receives, three minutes apart, and as much again.
const ON_THEIR_WAY_MS: i64 = 30 * 60 * 1000;
/// Older ones may be gone, or were told too late to become a notice.
const KEPT_MS: i64 = 60 * 24 * 60 * 60 * 1000;

/// Which events should have arrived, by their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    from_ms: i64,
    until_ms: i64,
}

impl Span {
    /// Those of before half an hour; of a system at rest, all.
    pub fn of(rest: Rest, now: Timestamp) -> Span {
        let now = now.as_millisecond();
        let until_ms = match rest {
            Rest::AtRest => i64::MAX,
            Rest::Busy => now - ON_THEIR_WAY_MS,
        };
        Span { from_ms: now - KEPT_MS, until_ms }
    }
}

/// Why events cannot be judged, if they cannot: a dead letter may be the one that is missing.
pub(crate) fn hindrance(depths: &[Depth]) -> Option<String> {
    let dead = depths.iter().find(|depth| depth.name == "mailer").map_or(0, |mailer| mailer.dead);
    (dead > 0).then(|| format!("{dead} dead letters of mailer may be what is missing: redrive them first"))
}

/// Person, and the time of an event or notice as ids say it.
type Moment<'a> = (&'a str, &'a str);

fn judged(book: &Book) -> impl Iterator<Item = (Moment<'_>, &str)> {
    let told = book.told.values().filter(|event| TOLD.contains(&event.kind.as_str()));
    let told = told.flat_map(|event| event.subjects.iter().map(move |user| (user.as_str(), event)));
    told.filter_map(|(user, event)| {
        let time = time_part(&event.id)?;
        let at = millis(time)?;
        let is_due = (book.told_span.from_ms..book.told_span.until_ms).contains(&at);
        (is_due && book.accounts.contains_key(user)).then_some(((user, time), event.kind.as_str()))
    })
}

fn untold(book: &Book) -> Vec<Broken> {
    let mut wanted: BTreeMap<Moment<'_>, Vec<&str>> = BTreeMap::new();
    for (moment, kind) in judged(book) {
        wanted.entry(moment).or_default().push(kind);
    }
    let mut there: BTreeMap<Moment<'_>, Vec<Option<&str>>> = BTreeMap::new();
    for ((user, id), kind) in &book.notices {
        if let Some(time) = time_part(id) {
            there.entry((user, time)).or_default().push(kind.as_deref());
        }
    }
    let none = Vec::new();
    let wrong = wanted.iter().flat_map(|(moment, kinds)| {
        let there = there.get(moment).unwrap_or(&none);
        let is_choosy = book.choosy.contains(moment.0);
        let distinct: BTreeSet<&str> = kinds.iter().copied().collect();
        let too_many = distinct.into_iter().filter(|kind| !FLEETING.contains(kind)).filter_map(|kind| {
            let notices = there.iter().filter(|notice| **notice == Some(kind)).count();
            let events = kinds.iter().filter(|event| **event == kind).count();
            (notices > events).then(|| format!("{notices} notices of {events} {kind}"))
        });
        let too_few = (there.len() < kinds.len() && !is_choosy)
            .then(|| format!("{} notices of {} events: {}", there.len(), kinds.len(), kinds.join(", ")));
        let wrong: Vec<String> = too_many.chain(too_few).collect();
        wrong
            .into_iter()
            .map(|wrong| (of_person(moment.0, format!("NTF#… of {}", moment.1)), vec![moment.0.to_owned()], wrong))
    });
    wrong.collect()
}

/// The ten characters of an id that say when: `evt_01h2xcejqt…` begins with 48 bits of milliseconds.
pub(crate) fn time_part(id: &str) -> Option<&str> {
    id.rsplit('_').next()?.get(..10)
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: &str) -> Option<i64> {
    const DIGITS: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    time.chars().try_fold(0_i64, |sum, c| Some(sum * 32 + i64::try_from(DIGITS.find(c)?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_their_time() {
        // TypeID's own example: 0188bac7-4afa-78aa-bc3b-bd1eef28d881.
        let time = time_part("user_01h2xcejqtf2nbrexx3vqjhp41").unwrap();
        assert_eq!(millis(time), Some(0x0188_bac7_4afa));
        assert_eq!(time_part("evt_01"), None);
        assert_eq!(millis("01h2xcejqu!"), None);
    }

    #[test]
    fn only_of_a_system_at_rest_the_newest_events_are_judged() {
        let now = Timestamp::from_millisecond(10 * ON_THEIR_WAY_MS).unwrap();
        assert_eq!(Span::of(Rest::AtRest, now).until_ms, i64::MAX);
        assert_eq!(Span::of(Rest::Busy, now).until_ms, 9 * ON_THEIR_WAY_MS);
        let depth = |dead| Depth { name: "mailer".into(), queued: 0, dead };
        assert_eq!(hindrance(&[depth(0)]), None);
        assert!(hindrance(&[depth(1)]).is_some());
    }
}
