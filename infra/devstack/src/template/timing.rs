//! When a schedule fires: `rate(5 minutes)`, or `cron(10 0 * * ? *)` in UTC, without names, `L`, `W` and `#`.
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A schedule's expression, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timing {
    Every(Duration),
    /// Minute, hour, day, month, weekday (Sunday is 1), year; `None` is any.
    Cron([Option<BTreeSet<u16>>; 6]),
}

const LIMITS: [(u16, u16); 6] = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199)];
const MINUTE_SECONDS: i64 = 60;
/// What is looked ahead for the next time of a cron expression.
const MINUTES_AHEAD: i64 = 2 * 366 * 24 * 60;

impl Timing {
    /// What an expression says; nothing when it is not understood here.
    pub fn parse(expression: &str) -> Option<Timing> {
        let (kind, rest) = expression.trim().split_once('(')?;
        let inside = rest.strip_suffix(')')?.trim();
        match kind {
            "rate" => {
                let (number, unit) = inside.split_once(' ')?;
                let seconds = match unit.trim() {
                    "minute" | "minutes" => 60,
                    "hour" | "hours" => 3600,
                    "day" | "days" => 86_400,
                    _ => return None,
                };
                let number = number.parse::<u64>().ok().filter(|number| *number > 0)?;
                Some(Timing::Every(Duration::from_secs(number.checked_mul(seconds)?)))
            }
            "cron" => {
                let parts: Vec<&str> = inside.split_whitespace().collect();
                let parts: [&str; 6] = parts.try_into().ok()?;
                let mut fields: [Option<BTreeSet<u16>>; 6] = Default::default();
                for ((field, part), limits) in fields.iter_mut().zip(parts).zip(LIMITS) {
                    *field = match part {
                        "*" | "?" => None,
                        list => Some(values_of_list(list, limits)?),
                    };
                }
                Some(Timing::Cron(fields))
            }
            _ => None,
        }
    }

    /// How long until it fires after `now`; nothing when it never does.
    pub fn pause(&self, now: Timestamp) -> Option<Duration> {
        let fields = match self {
            Timing::Every(period) => return Some(*period),
            Timing::Cron(fields) => fields,
        };
        let this_minute = now.as_second() - now.as_second().rem_euclid(MINUTE_SECONDS);
        let fires = |minutes: &i64| {
            let at = Timestamp::from_second(this_minute + minutes * MINUTE_SECONDS);
            at.is_ok_and(|at| fits(fields, at))
        };
        let minutes = (1..=MINUTES_AHEAD).find(fires)?;
        let seconds = this_minute + minutes * MINUTE_SECONDS - now.as_second();
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    }
}

fn values_of_list(list: &str, limits: (u16, u16)) -> Option<BTreeSet<u16>> {
    let parts: Option<Vec<Vec<u16>>> = list.split(',').map(|one| values(one, limits)).collect();
    parts.map(|parts| parts.into_iter().flatten().collect())
}

/// `7`, `1-5`, `*/10`, `5/15`.
fn values(text: &str, (least, most): (u16, u16)) -> Option<Vec<u16>> {
    let (span, step) = match text.split_once('/') {
        Some((span, step)) => (span, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
        None => (text, None),
    };
    let (from, to) = match span.split_once('-') {
        Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
        None if span == "*" => (least, most),
        None => {
            let from = span.parse().ok()?;
            (from, if step.is_some() { most } else { from })
        }
    };
    let is_within = least <= from && from <= to && to <= most;
    is_within.then(|| (from..=to).step_by(step.unwrap_or(1)).collect())
}

fn fits(fields: &[Option<BTreeSet<u16>>; 6], at: Timestamp) -> bool {
    let at = at.to_zoned(TimeZone::UTC);
    let numbers: [i64; 6] = [
        at.minute().into(),
        at.hour().into(),
        at.day().into(),
        at.month().into(),
        at.weekday().to_sunday_one_offset().into(),
        at.year().into(),
    ];
    let mut pairs = fields.iter().zip(numbers);
    pairs.all(|(field, number)| field.as_ref().is_none_or(|set| set.iter().any(|one| i64::from(*one) == number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it fires after 10:00:30 on Friday, 20 November 2026.
    fn next(expression: &str) -> Option<String> {
        let now: Timestamp = "2026-11-20T10:00:30Z".parse().ok()?;
        let pause = Timing::parse(expression)?.pause(now)?;
        Some((now + pause).to_string())
    }

    #[test]
    fn rates_and_cron_expressions_fire_as_they_say() {
        for (expression, at) in [
            ("rate(1 minute)", "2026-11-20T10:01:30Z"),
            ("rate(2 hours)", "2026-11-20T12:00:30Z"),
            ("cron(* * * * ? *)", "2026-11-20T10:01:00Z"),
            ("cron(10 0 * * ? *)", "2026-11-21T00:10:00Z"),
            ("cron(0/15 8-17 ? * 2-6 *)", "2026-11-20T10:15:00Z"),
            ("cron(0 3 1 * ? *)", "2026-12-01T03:00:00Z"),
            ("cron(0 12 ? * 1 *)", "2026-11-22T12:00:00Z"),
            ("cron(30 9,11 * * ? 2026)", "2026-11-20T11:30:00Z"),
        ] {
            assert_eq!(next(expression).as_deref(), Some(at), "{expression}");
        }
        assert_eq!(next("cron(0 0 1 1 ? 2020)"), None, "the past");
    }

    #[test]
    fn what_is_not_understood_is_no_schedule() {
        for wrong in [
            "",
            "rate(0 minutes)",
            "rate(1 fortnight)",
            "rate(1)",
            "cron(60 0 * * ? *)",
            "cron(0 0 * * ?)",
            "cron(0 0 L * ? *)",
            "cron(0 0 ? * MON *)",
            "cron(5-1 0 * * ? *)",
            "at(2026-11-20T10:00:00)",
            "rate(1 minute",
        ] {
            assert_eq!(Timing::parse(wrong), None, "{wrong}");
        }
    }
}
